/* Colours of the 3D view: shaded spheres and sticks that fade into the background with depth. */
const FOG_LEVELS = 12; // depth cue: colours fade to the background in so many steps
const FOG = 0.55; // share of the background in the colour of the farthest atoms

const parse = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const mix = (a, b, t) => a.map((v, i) => Math.round(v + (b[i] - v) * t));
const css = (c) => `rgb(${c[0]},${c[1]},${c[2]})`;

/* Colours and sphere pictures, made once for each colour, depth and background. */
class Paint {
  constructor(paper, ink) {
    this.paper = paper;
    this.ink = ink;
    this.colours = new Map();
    this.spheres = new Map();
  }
  at(hex, level) {
    const key = hex + level;
    if (!this.colours.has(key)) {
      const base = mix(parse(hex), this.paper, (FOG * level) / FOG_LEVELS);
      const edge = mix(mix(base, [0, 0, 0], 0.62), this.paper, (FOG * level) / FOG_LEVELS);
      this.colours.set(key, { base: css(base), edge: css(edge), light: css(mix(base, [255, 255, 255], 0.45)) });
    }
    return this.colours.get(key);
  }
  sphere(hex, level) {
    const key = hex + level;
    if (!this.spheres.has(key)) {
      const size = 128, r = size / 2, picture = document.createElement("canvas");
      picture.width = picture.height = size;
      const g = picture.getContext("2d"), base = mix(parse(hex), this.paper, (FOG * level) / FOG_LEVELS);
      const shade = g.createRadialGradient(r * 0.68, r * 0.6, r * 0.05, r, r, r);
      shade.addColorStop(0, css(mix(base, [255, 255, 255], 0.75)));
      shade.addColorStop(0.35, css(mix(base, [255, 255, 255], 0.12)));
      shade.addColorStop(0.75, css(base));
      shade.addColorStop(1, css(mix(base, [0, 0, 0], 0.38)));
      g.beginPath();
      g.arc(r, r, r - 2, 0, 2 * Math.PI);
      g.fillStyle = shade;
      g.fill();
      g.lineWidth = 3;
      g.strokeStyle = this.at(hex, level).edge;
      g.stroke();
      this.spheres.set(key, picture);
    }
    return this.spheres.get(key);
  }
}
