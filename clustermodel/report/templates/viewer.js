/* The 3D view of the report: balls and sticks on a canvas, no library, no network.
   Drag: turn; wheel or two fingers: zoom and shift; tap two or three atoms: distance and angle. */
const HYDROGEN = new Set(["H", "D"]);
const readNumbers = (text) => text.split(" ").filter(Boolean).map(Number);
const minus = (text) => text.replace(/-/g, "\u2212").replace(/,/g, ", ");

class Viewer {
  constructor(box, scenes) {
    this.box = box;
    this.scenes = scenes;
    this.canvas = box.querySelector("canvas");
    this.tip = box.querySelector(".tip");
    this.readout = box.querySelector(".readout");
    this.pointers = new Map();
    this.show = { ligands: true, hydrogens: false, labels: false, metals: true, outer: false, inner: false };
    box.querySelectorAll("[data-show]").forEach((el) => { this.show[el.dataset.show] = el.checked; });
    this.hiddenRoles = new Set();
    this.mode = box.dataset.mode;
    this.load(scenes.find((s) => s.id === box.dataset.cluster));
    this.listen();
    this.reset();
  }

  load(scene) {
    this.scene = scene;
    this.n = scene.labels.length;
    this.isMetal = scene.roles.map((r) => ["centre", "kernel", "kernel-surface", "staple"].includes(r));
    this.isRest = scene.roles.map((r) => r === "ligand" || r === "outside");
    this.sx = new Float32Array(this.n);
    this.sy = new Float32Array(this.n);
    this.sz = new Float32Array(this.n);
    this.picked = [];
    this.marked = new Set();
    this.touching = { outer: new Set(), inner: new Set() };
    scene.contacts.forEach((c) => this.touching[c.inside ? "inner" : "outer"].add(c.atom));
    this.hover = -1;
  }

  visible(i) {
    const s = this.scene;
    if (this.marked.has(i) || ["outer", "inner"].some((k) => this.show[k] && this.touching[k].has(i))) return true;
    if (this.hiddenRoles.has(s.roles[i])) return false;
    if (!this.isRest[i]) return true;
    return this.show.ligands && (this.show.hydrogens || !HYDROGEN.has(s.elements[i]));
  }

  colour(i) {
    const { colours, roles, elements, schemes } = this.scene, scheme = schemes[this.mode];
    if (scheme) return scheme[i] || "#b4b4b4"; // atoms that the scheme does not speak of
    return colours[this.mode === "role" ? roles[i] : elements[i]];
  }

  reset() {
    const a = 0.28, b = -0.36; // a slight tilt: atoms on an axis do not hide each other
    this.turn = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    this.rotate(b, a);
    this.zoom = 1;
    this.shift = [0, 0];
    this.fit();
    this.request();
  }

  fit() {
    let far = 2;
    const { xyz, radii } = this.scene;
    for (let i = 0; i < this.n; i++) {
      if (this.visible(i)) far = Math.max(far, Math.hypot(xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]) + radii[i]);
    }
    for (const { ends, inside } of this.scene.contacts) {
      if (this.show.outer && !inside) far = Math.max(far, Math.hypot(...ends.slice(3)));
    }
    this.far = far;
  }

  rotate(ax, ay, az = 0) {
    const [cx, sx, cy, sy, cz, sz] = [ax, ay, az].flatMap((v) => [Math.cos(v), Math.sin(v)]);
    const m = [ // the screen axes: x to the right, y down, z to the reader
      cy * cz, sx * sy * cz - cx * sz, cx * sy * cz + sx * sz,
      cy * sz, sx * sy * sz + cx * cz, cx * sy * sz - sx * cz,
      -sy, sx * cy, cx * cy];
    const t = this.turn, out = new Array(9);
    for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) {
      out[3 * r + c] = m[3 * r] * t[c] + m[3 * r + 1] * t[3 + c] + m[3 * r + 2] * t[6 + c];
    }
    this.turn = out;
  }

  request() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => { this.pending = false; this.draw(); });
  }

  /* The theme of the page, or black on white for paper and pictures. */
  paint(onPaper) {
    const style = getComputedStyle(this.box);
    const read = (name) => style.getPropertyValue(name).trim();
    const paper = onPaper ? "#ffffff" : read("--panel"), ink = onPaper ? "#000000" : read("--ink");
    if (!this.last || this.last.key !== paper + ink) {
      this.last = new Paint(parse(paper), ink);
      this.last.key = paper + ink;
    }
    return this.last;
  }

  draw(onPaper = false) {
    const ratio = window.devicePixelRatio || 1, canvas = this.canvas;
    const w = canvas.clientWidth, h = canvas.clientHeight;
    if (!w || !h) return;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(h * ratio);
    }
    const g = canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, w, h);
    this.render(g, w, h, this.paint(onPaper));
  }

  project(w, h) {
    const { xyz } = this.scene, t = this.turn;
    this.scale = (this.zoom * Math.min(w, h) * 0.5) / this.far;
    for (let i = 0; i < this.n; i++) {
      const x = xyz[3 * i], y = -xyz[3 * i + 1], z = xyz[3 * i + 2]; // y of the screen points down
      this.sx[i] = w / 2 + this.shift[0] + (t[0] * x + t[1] * y + t[2] * z) * this.scale;
      this.sy[i] = h / 2 + this.shift[1] + (t[3] * x + t[4] * y + t[5] * z) * this.scale;
      this.sz[i] = t[6] * x + t[7] * y + t[8] * z;
    }
  }

  level(z) {
    const depth = (this.far - z) / (2 * this.far);
    return Math.max(0, Math.min(FOG_LEVELS, Math.round(depth * FOG_LEVELS)));
  }

  render(g, w, h, paint) {
    this.project(w, h);
    const items = [], { bonds, radii } = this.scene;
    for (let i = 0; i < this.n; i++) if (radii[i] > 0 && this.visible(i)) items.push([this.sz[i], i, -1]);
    for (let k = 0; k < bonds.length; k += 2) {
      const i = bonds[k], j = bonds[k + 1];
      if (!this.visible(i) || !this.visible(j)) continue;
      if (!this.show.metals && this.isMetal[i] && this.isMetal[j]) continue;
      items.push([0.75 * this.sz[i] + 0.25 * this.sz[j], i, j], [0.25 * this.sz[i] + 0.75 * this.sz[j], j, i]);
    }
    items.sort((a, b) => a[0] - b[0]);
    for (const [z, i, j] of items) {
      if (j < 0) this.drawBall(g, i, paint);
      else this.drawStick(g, i, j, z, paint);
    }
    this.drawContacts(g, paint);
    if (this.show.labels) this.drawLabels(g, paint);
    this.drawMarks(g, paint);
  }

  place(xyz, w, h) {
    const t = this.turn, [x, y, z] = [xyz[0], -xyz[1], xyz[2]];
    return [w / 2 + this.shift[0] + (t[0] * x + t[1] * y + t[2] * z) * this.scale,
      h / 2 + this.shift[1] + (t[3] * x + t[4] * y + t[5] * z) * this.scale];
  }

  /* Dashed lines to the partners; a dot stands for an atom or ring of another molecule. */
  drawContacts(g, paint) {
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight;
    g.lineCap = "butt";
    for (const { ends, inside, colour } of this.scene.contacts) {
      if (!this.show[inside ? "inner" : "outer"]) continue;
      const [from, to] = [this.place(ends.slice(0, 3), w, h), this.place(ends.slice(3), w, h)];
      g.setLineDash([4, 3]);
      g.beginPath();
      g.moveTo(...from);
      g.lineTo(...to);
      g.lineWidth = 2;
      g.strokeStyle = colour;
      g.stroke();
      g.setLineDash([]);
      if (inside) continue;
      g.beginPath();
      g.arc(...to, 4, 0, 2 * Math.PI);
      g.fillStyle = colour;
      g.fill();
      g.lineWidth = 1;
      g.strokeStyle = paint.ink;
      g.stroke();
    }
  }

  drawBall(g, i, paint) {
    const r = this.scene.radii[i] * this.scale;
    g.drawImage(paint.sphere(this.colour(i), this.level(this.sz[i])), this.sx[i] - r, this.sy[i] - r, 2 * r, 2 * r);
  }

  /* The half of a bond next to atom i, from the surface of its ball to the middle. */
  drawStick(g, i, j, z, paint) {
    const { radii, sticks } = this.scene;
    const width = Math.max(1, 2 * Math.min(sticks[i], sticks[j]) * this.scale);
    const colour = paint.at(this.colour(i), this.level(z));
    const dx = this.sx[j] - this.sx[i], dy = this.sy[j] - this.sy[i];
    const length = Math.hypot(dx, dy, (this.sz[j] - this.sz[i]) * this.scale) || 1;
    const start = Math.min(0.5, (0.85 * radii[i] * this.scale) / length);
    g.lineCap = radii[i] > 0 ? "butt" : "round";
    const line = (share, style) => {
      g.beginPath();
      g.moveTo(this.sx[i] + start * dx, this.sy[i] + start * dy);
      g.lineTo(this.sx[i] + 0.5 * dx, this.sy[i] + 0.5 * dy);
      g.lineWidth = width * share;
      g.strokeStyle = style;
      g.stroke();
    };
    if (width > 4) {
      line(1, colour.edge);
      line(0.78, colour.base);
      line(0.26, colour.light);
    } else line(1, colour.base);
  }

  drawLabels(g, paint) {
    g.font = `${Math.max(10, Math.min(15, 0.5 * this.scale))}px ${getComputedStyle(this.readout).fontFamily}`;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.lineWidth = 3;
    g.lineJoin = "round";
    g.strokeStyle = css(paint.paper);
    g.fillStyle = paint.ink;
    const order = [...Array(this.n).keys()].filter((i) => !this.isRest[i] && this.visible(i));
    order.sort((a, b) => this.sz[a] - this.sz[b]);
    for (const i of order) {
      if (this.level(this.sz[i]) > 0.7 * FOG_LEVELS) continue; // those behind only make clutter
      g.strokeText(this.scene.labels[i], this.sx[i], this.sy[i]);
      g.fillText(this.scene.labels[i], this.sx[i], this.sy[i]);
    }
  }

  drawMarks(g, paint) {
    const ring = (i, width) => {
      g.beginPath();
      g.arc(this.sx[i], this.sy[i], Math.max(7, this.scene.radii[i] * this.scale + 3), 0, 2 * Math.PI);
      g.lineWidth = width;
      g.strokeStyle = paint.ink;
      g.stroke();
    };
    g.setLineDash([]);
    this.marked.forEach((i) => { if (this.marked.size <= 3 || !this.isRest[i]) ring(i, 2.5); });
    if (this.hover >= 0) ring(this.hover, 1);
    this.picked.forEach((i) => ring(i, 2.5));
    g.setLineDash([5, 4]);
    g.beginPath();
    this.picked.forEach((i, k) => (k ? g.lineTo(this.sx[i], this.sy[i]) : g.moveTo(this.sx[i], this.sy[i])));
    g.lineWidth = 1.5;
    g.strokeStyle = paint.ink;
    g.stroke();
    g.setLineDash([]);
  }

  /* The atom under a point: the front one whose ball is hit, else the nearest within reach. */
  find(x, y, reach) {
    let front = -1, near = -1, best = reach;
    for (let i = 0; i < this.n; i++) {
      if (!this.visible(i)) continue;
      const d = Math.hypot(this.sx[i] - x, this.sy[i] - y);
      if (d <= this.scene.radii[i] * this.scale && (front < 0 || this.sz[i] > this.sz[front])) front = i;
      if (d < best) { best = d; near = i; }
    }
    return front >= 0 ? front : near;
  }

  name(i) {
    const place = this.scene.places[i];
    return this.scene.labels[i] + (place === "x,y,z" ? "" : ` (${minus(place)})`);
  }

  describe(i) {
    const { labels, elements, roles, places, occupancies } = this.scene, part = occupancies[i];
    const words = [labels[i], elements[i], roles[i], minus(places[i])];
    if (part !== null && part < 1) words.push(`occupancy ${part}`);
    return words.join(" \u00b7 ");
  }

  measure() {
    const { xyz } = this.scene, p = this.picked;
    const at = (k) => [0, 1, 2].map((c) => xyz[3 * p[k] + c]);
    const gap = (a, b) => Math.hypot(...a.map((v, c) => v - b[c]));
    if (p.length === 1) return this.describe(p[0]);
    const parts = [];
    for (let k = 1; k < p.length; k++) {
      parts.push(`${this.name(p[k - 1])} \u2013 ${this.name(p[k])}: ${gap(at(k - 1), at(k)).toFixed(3)} \u00c5`);
    }
    if (p.length === 3) {
      const [a, b, c] = [at(0), at(1), at(2)], u = a.map((v, k) => v - b[k]), v = c.map((q, k) => q - b[k]);
      const cosine = u.reduce((s, q, k) => s + q * v[k], 0) / (Math.hypot(...u) * Math.hypot(...v));
      parts.push(`angle ${((Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI).toFixed(1)}\u00b0`);
    }
    return parts.join("; ");
  }

  pick(i) {
    this.marked = new Set();
    if (i < 0) this.picked = [];
    else if (this.picked.includes(i)) this.picked = this.picked.filter((k) => k !== i);
    else this.picked = this.picked.length >= 3 ? [i] : [...this.picked, i];
    this.readout.textContent = this.picked.length ? this.measure() : this.readout.dataset.hint;
    this.request();
  }

  /* Mark the atoms that a row of a table or a line of the legend speaks of; none to end it. */
  mark(atoms) {
    this.picked = [];
    this.marked = new Set(atoms);
    const names = atoms.slice(0, 8).map((i) => this.name(i)).join(", ");
    const rest = atoms.length > 8 ? ` and ${atoms.length - 8} more` : "";
    const few = atoms.length >= 1 && atoms.length <= 3;
    if (few) this.picked = [...atoms];
    if (few) this.readout.textContent = this.measure();
    else this.readout.textContent = atoms.length ? `${atoms.length} atoms: ${names}${rest}` : this.readout.dataset.hint;
    this.request();
  }

  point(x, y) {
    const i = this.find(x, y, 8);
    this.tip.hidden = i < 0;
    if (i >= 0) {
      this.tip.textContent = this.describe(i);
      const room = this.canvas.clientWidth - this.tip.offsetWidth - 4;
      this.tip.style.left = `${Math.max(4, Math.min(x + 12, room))}px`;
      this.tip.style.top = `${Math.max(4, y - this.tip.offsetHeight - 8)}px`;
    }
    if (i !== this.hover) { this.hover = i; this.request(); }
  }

  where(event) {
    const r = this.canvas.getBoundingClientRect();
    return [event.clientX - r.left, event.clientY - r.top];
  }

  listen() {
    const c = this.canvas;
    c.addEventListener("pointerdown", (e) => {
      c.setPointerCapture(e.pointerId);
      this.pointers.set(e.pointerId, this.where(e));
      if (this.pointers.size === 1) this.moved = 0;
    });
    c.addEventListener("pointermove", (e) => this.move(e));
    const up = (e) => {
      const single = this.pointers.size === 1;
      if (!this.pointers.delete(e.pointerId) || e.type !== "pointerup" || !single || this.moved > 6) return;
      const [x, y] = this.where(e);
      this.pick(this.find(x, y, e.pointerType === "touch" ? 18 : 8));
    };
    c.addEventListener("pointerup", up);
    c.addEventListener("pointercancel", up);
    c.addEventListener("pointerleave", () => { this.tip.hidden = true; this.hover = -1; this.request(); });
    c.addEventListener("contextmenu", (e) => e.preventDefault());
    c.addEventListener("dblclick", () => this.reset());
    c.addEventListener("wheel", (e) => {
      if (document.activeElement !== c && !e.ctrlKey) return; // the page scrolls until the view is clicked
      e.preventDefault();
      this.magnify(Math.exp(-e.deltaY * 0.0015));
    }, { passive: false });
    c.addEventListener("keydown", (e) => this.key(e));
    this.listenToControls();
    new ResizeObserver(() => this.request()).observe(c);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.request());
    addEventListener("beforeprint", () => this.draw(true));
    addEventListener("afterprint", () => this.request());
  }

  move(e) {
    const now = this.where(e), before = this.pointers.get(e.pointerId);
    if (!before) { if (e.pointerType !== "touch") this.point(...now); return; }
    const dx = now[0] - before[0], dy = now[1] - before[1];
    this.tip.hidden = true;
    this.moved += Math.abs(dx) + Math.abs(dy);
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== e.pointerId)[1];
      const spread = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      const angle = (p) => Math.atan2(p[1] - other[1], p[0] - other[0]);
      this.magnify(spread(now) / spread(before));
      this.rotate(0, 0, angle(now) - angle(before));
      this.shift = [this.shift[0] + dx / 2, this.shift[1] + dy / 2];
    } else if (e.shiftKey || e.buttons & 6) this.shift = [this.shift[0] + dx, this.shift[1] + dy];
    else this.rotate(-dy * 0.01, dx * 0.01);
    this.pointers.set(e.pointerId, now);
    this.request();
  }

  magnify(factor) {
    this.zoom = Math.max(0.2, Math.min(20, this.zoom * factor));
    this.request();
  }

  key(e) {
    const steps = { ArrowLeft: [0, -0.1], ArrowRight: [0, 0.1], ArrowUp: [0.1, 0], ArrowDown: [-0.1, 0] };
    if (steps[e.key]) this.rotate(...steps[e.key]);
    else if (e.key === "+" || e.key === "=") this.magnify(1.15);
    else if (e.key === "-") this.magnify(1 / 1.15);
    else if (e.key === "0") this.reset();
    else if (e.key === "Escape") this.pick(-1);
    else return;
    e.preventDefault();
    this.request();
  }

  listenToControls() {
    const on = (selector, event, act) => this.box.querySelectorAll(selector).forEach((el) => {
      el.addEventListener(event, () => { act(el); this.request(); });
    });
    const refit = () => { if (this.zoom === 1) this.fit(); };
    on("[data-show]", "change", (el) => { this.show[el.dataset.show] = el.checked; refit(); });
    on("[data-role]", "change", (el) => {
      this.hiddenRoles[el.checked ? "delete" : "add"](el.dataset.role);
      refit();
    });
    on("[data-colour]", "change", (el) => {
      this.mode = el.value;
      this.box.dataset.mode = el.value;
    });
    on("[data-scene]", "change", (el) => {
      this.load(this.scenes.find((s) => s.id === el.value));
      this.pick(-1);
      this.fit();
    });
    on("[data-select]", "click", (el) => this.mark(readNumbers(el.dataset.select)));
    on("[data-act=reset]", "click", () => this.reset());
    on("[data-act=picture]", "click", () => this.save());
  }

  save() {
    const canvas = document.createElement("canvas"), g = canvas.getContext("2d");
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight, ratio = 2400 / Math.max(w, h);
    canvas.width = w * ratio;
    canvas.height = h * ratio;
    g.fillStyle = "#ffffff";
    g.fillRect(0, 0, canvas.width, canvas.height);
    g.scale(ratio, ratio);
    this.render(g, w, h, this.paint(true));
    canvas.toBlob((blob) => saveBlob(blob, `cluster-${this.scene.id}.png`));
  }
}
