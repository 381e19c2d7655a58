/* Two clusters on each other: either or both, their movements, and the sites that only one has filled. */
class Overlay extends Viewer {
  load(scene) {
    super.load(scene);
    this.alone = new Set(scene.alone);
    this.hiddenSide = "";
    this.magnified = 0;
  }

  /* What only one cluster has is seen even where ligands are hidden. */
  visible(i) {
    const s = this.scene;
    if (s.sides[i] === this.hiddenSide) return false;
    if (!this.show.alone || !this.alone.has(i) || this.hiddenRoles.has(s.roles[i])) return super.visible(i);
    return this.show.hydrogens || !HYDROGEN.has(s.elements[i]) || super.visible(i);
  }

  name(i) {
    return `${this.scene.labels[i]} of ${this.scene.names[this.scene.sides[i]]}`;
  }

  describe(i) {
    const { elements, roles, partners, moves } = this.scene, partner = partners[i];
    const words = [this.name(i), elements[i], roles[i]];
    words.push(partner < 0 ? "without a partner" : `${moves[i].toFixed(3)} \u00c5 from ${this.name(partner)}`);
    return words.join(" \u00b7 ");
  }

  drawContacts(g, paint) {
    super.drawContacts(g, paint);
    this.drawMovements(g, paint);
    if (this.show.sites) this.scene.sites.forEach((site, k) => this.drawSite(g, site, k, paint));
  }

  /* Arrows from metal and donor atoms of the first cluster towards their partners, true or longer. */
  drawMovements(g, paint) {
    const { partners, sides } = this.scene, times = this.magnified;
    if (!times) return;
    g.lineCap = "round";
    g.setLineDash([]);
    for (let i = 0; i < this.n; i++) {
      const j = partners[i];
      if (sides[i] !== "a" || j < 0 || this.isRest[i] || !(this.visible(i) || this.visible(j))) continue;
      const dx = times * (this.sx[j] - this.sx[i]), dy = times * (this.sy[j] - this.sy[i]);
      const length = Math.hypot(dx, dy);
      if (length < 5) continue; // pixels: a dot says nothing
      const tip = [this.sx[i] + dx, this.sy[i] + dy], head = Math.min(6, 0.5 * length);
      const along = [dx / length, dy / length];
      const line = () => {
        g.beginPath();
        g.moveTo(this.sx[i], this.sy[i]);
        g.lineTo(...tip);
        [1, -1].forEach((hand) => {
          g.moveTo(...tip);
          g.lineTo(tip[0] - head * (along[0] + 0.6 * hand * along[1]), tip[1] - head * (along[1] - 0.6 * hand * along[0]));
        });
        g.stroke();
      };
      g.lineWidth = 4;
      g.strokeStyle = css(paint.paper);
      line();
      g.lineWidth = 1.6;
      g.strokeStyle = paint.ink;
      line();
    }
  }

  /* The framework fills the view; what only one cluster has may use the longer side. */
  fit() {
    const { xyz, radii } = this.scene, sides = [this.canvas.clientWidth, this.canvas.clientHeight];
    const longer = Math.min(...sides) / Math.max(...sides, 1) || 1;
    let far = 2;
    for (let i = 0; i < this.n; i++) {
      if (!this.visible(i)) continue;
      const room = Math.hypot(xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]) + radii[i];
      far = Math.max(far, this.alone.has(i) && !this.show.ligands ? longer * room : room);
    }
    this.far = far;
  }

  /* A halo around the place, and its name at the edge of the view. */
  drawSite(g, site, number, paint) {
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight;
    const [x, y] = this.place(site.place, w, h);
    const r = Math.max(10, this.scene.radii[site.atom] * this.scale + 7);
    const ring = (width, style, dash) => {
      g.setLineDash(dash);
      g.beginPath();
      g.arc(x, y, r, 0, 2 * Math.PI);
      g.lineWidth = width;
      g.strokeStyle = style;
      g.stroke();
    };
    g.lineCap = "butt";
    ring(9, `${site.colour}55`, []);
    ring(2.5, site.colour, [6, 4]);
    g.setLineDash([]);
    g.font = `600 13px ${getComputedStyle(this.readout).fontFamily}`;
    const room = g.measureText(site.label).width / 2 + 4;
    const middle = Math.max(room, Math.min(w - room, x));
    const above = y < h / 2, height = above ? 16 + 20 * number : h - 12 - 20 * number;
    const edge = above ? height + 8 : height - 10, start = above ? y - r : y + r;
    if (above ? edge < start : edge > start) {
      g.beginPath();
      g.moveTo(x, start);
      g.lineTo(middle, edge);
      g.lineWidth = 1.5;
      g.stroke();
    }
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.lineWidth = 5;
    g.lineJoin = "round";
    g.strokeStyle = css(paint.paper);
    g.fillStyle = paint.ink;
    g.strokeText(site.label, middle, height);
    g.fillText(site.label, middle, height);
  }

  listenToControls() {
    super.listenToControls();
    const on = (name, act) => this.box.querySelectorAll(`[data-${name}]`).forEach((el) => {
      el.addEventListener("change", () => { act(el.value); this.request(); });
      act(el.value);
    });
    on("hide", (value) => {
      this.hiddenSide = value;
      if (this.zoom === 1) this.fit();
    });
    on("magnified", (value) => { this.magnified = Number(value); });
  }
}
