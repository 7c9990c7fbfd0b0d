// @ts-check
/** The one canvas of the tide: its bands, one time axis, one cursor. It is told what to draw and knows no rows. */

import uPlot from "../vendor/uPlot.esm.js";
import { clock } from "./format.js";
import { ALL, drawFrame, drawGround, layOut, scaleIn, topOf } from "./tide_bands.js";
import { drawBars } from "./tide_bars.js";
import { drawFlags, FLAGS_PX } from "./tide_flags.js";
import { measureType, token, typeScale } from "./tokens.js";

/** @typedef {import("./tide_data.js").Column} Column */
/**
 * @typedef {{data: Column[], shown: {min: number, max: number}, bars: import("./tide_bars.js").Bar[],
 *            flags: import("./tide_flags.js").Flag[], until: number, most: number}} Picture
 */

const LEFT_PX = 40;
const RIGHT_PX = 44;
const RIGHT_NARROW_PX = 40;
const NARROW_PX = 420;
const AXIS_PX = 26;

export class TideChart {
  /**
   * @param {HTMLElement} root
   * @param {{onCursor: (index: number | null, left: number) => void, onZoom: (shown: {min: number, max: number} | null) => void}} tell
   * @param {import("./tide_bands.js").Name[]} [names] the bands it has; all of them unless told otherwise
   */
  constructor(root, tell, names = ALL) {
    this.root = root;
    this.names = names;
    /** @type {Picture} */
    this.picture = { data: [[]], shown: { min: 0, max: 1 }, bars: [], flags: [], until: 0, most: 1 };
    this.tops = { users: 10, rps: 10, p95: 100, cpu: 100, target: /** @type {number | null} */ (null), hasRps: false };
    this.size = this.measure();
    this.bands = layOut(this.plotHeight(), this.names);
    this.make = () => new /** @type {any} */ (uPlot)(this.options(tell), [[]], root);
    /** The library brings no types. @type {any} */
    this.u = this.make();
    new ResizeObserver(() => this.resize()).observe(root);
  }

  measure() {
    return { width: Math.max(200, this.root.clientWidth), height: Math.max(200, this.root.clientHeight) };
  }

  plotHeight() {
    return this.size.height - (FLAGS_PX + AXIS_PX) * typeScale();
  }

  resize() {
    const size = this.measure();
    if (size.width === this.size.width && size.height === this.size.height) return;
    this.size = size;
    const grown = measureType();
    this.bands = layOut(this.plotHeight(), this.names);
    if (grown) {
      this.u.destroy(); // it has read its margins and its font once and for all
      this.u = this.make();
    } else this.u.setSize(size);
    this.draw(this.picture);
  }

  /** @param {Picture} picture */
  draw(picture) {
    this.picture = picture;
    this.tops = this.findTops(picture);
    this.u.batch(() => {
      this.u.setData(picture.data.slice(0, 6), false);
      this.u.setScale("x", picture.shown);
      const height = this.plotHeight();
      const { load, latency, cpu } = this.bands;
      if (load) this.u.setScale("users", scaleIn(load, height, this.tops.users));
      if (load) this.u.setScale("rps", scaleIn(load, height, this.tops.rps));
      if (latency) this.u.setScale("p95", scaleIn(latency, height, this.tops.p95));
      if (cpu) this.u.setScale("cpu", scaleIn(cpu, height, this.tops.cpu));
    });
    this.u.redraw(true, false);
  }

  /** @param {Picture} picture */
  findTops({ data, shown }) {
    const high = [0, 0, 0, 0, 0, 0];
    let target = null;
    for (let i = 0; i < data[0].length; i += 1) {
      const t = data[0][i] ?? 0;
      if (t < shown.min || t > shown.max) continue;
      for (let column = 1; column <= 5; column += 1) high[column] = Math.max(high[column], data[column][i] ?? 0);
      target = data[5][i] ?? target;
    }
    return {
      users: topOf(high[1], "users"),
      rps: topOf(high[2], "rps"),
      p95: topOf(high[3], "p95"),
      cpu: topOf(Math.max(high[4], 1.5 * high[5]), "cpu"),
      target,
      hasRps: high[2] > 0,
    };
  }

  /** Move the cursor to one sample; null takes it away. @param {number | null} index */
  point(index) {
    const t = index === null ? null : this.picture.data[0][index];
    const left = t === null || t === undefined ? -10 : this.u.valToPos(t, "x");
    this.u.setCursor({ left, top: left < 0 ? -10 : 10 });
  }

  /** @param {ConstructorParameters<typeof TideChart>[1]} tell */
  options(tell) {
    const bandOf = (/** @type {string} */ scale) => (scale === "cpu" ? "cpu" : scale === "p95" ? "latency" : "load");
    const line = (/** @type {string} */ label, /** @type {string} */ scale, /** @type {string} */ colour, /** @type {object} */ more) =>
      ({ label, scale, show: this.names.includes(bandOf(scale)), stroke: () => token(colour), width: 1.75, points: { show: false }, spanGaps: false, ...more });
    const fixed = () => ({ auto: false, range: (/** @type {any} */ _u, /** @type {number} */ min, /** @type {number} */ max) => [min, max] });
    const scale = typeScale();
    return {
      ...this.size,
      padding: [FLAGS_PX * scale, () => (this.size.width < NARROW_PX ? RIGHT_NARROW_PX : RIGHT_PX) * scale, 0, LEFT_PX * scale],
      legend: { show: false },
      scales: { x: { time: true, ...fixed() }, users: fixed(), rps: fixed(), p95: fixed(), cpu: fixed() },
      axes: [
        {
          size: AXIS_PX * scale, gap: 4,
          space: (/** @type {any} */ _u, /** @type {number} */ _axis, /** @type {number} */ _min, /** @type {number} */ _max, /** @type {number} */ wide) => (wide < NARROW_PX ? 46 : 72) * scale, font: `${11.5 * scale}px ${token("font")}`,
          stroke: () => token("ink-3"), grid: { show: false }, ticks: { stroke: () => token("line"), size: 4, width: 1 },
          values: (/** @type {any} */ _u, /** @type {number[]} */ splits, /** @type {number} */ _axis, /** @type {number} */ _space, /** @type {number} */ step) =>
            splits.map((t) => (step % 60 ? clock(1000 * t) : clock(1000 * t).slice(0, 5))),
        },
      ],
      series: [
        {},
        line("load users", "users", "load", { fill: () => token("load-soft"), fillTo: 0, width: 2 }),
        line("requests/s", "rps", "rps", { width: 1.25 }),
        line("p95", "p95", "latency", { width: 1.5 }),
        line("CPU", "cpu", "cpu", { fill: () => token("cpu-soft"), fillTo: 0, width: 2 }),
        line("CPU target", "cpu", "cpu", { dash: [5, 4], width: 1 }),
      ],
      cursor: {
        y: false,
        points: { size: 7, width: 0, fill: (/** @type {any} */ u, /** @type {number} */ i) => u.series[i].stroke(u, i) },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        bind: { dblclick: () => () => tell.onZoom(null) },
      },
      hooks: {
        drawClear: [(/** @type {any} */ u) => drawGround(u, this.bands)],
        draw: [(/** @type {any} */ u) => this.drawOver(u)],
        setCursor: [(/** @type {any} */ u) => tell.onCursor(u.cursor.left < 0 ? null : u.cursor.idx, u.cursor.left)],
        setSelect: [(/** @type {any} */ u) => this.selected(u, tell.onZoom)],
      },
    };
  }

  /** @param {any} u */
  drawOver(u) {
    const { bars, flags, until, most } = this.picture;
    if (this.bands.replicas) drawBars(u, bars, this.bands.replicas, until, most);
    drawFrame(u, this.bands, this.tops);
    drawFlags(u, flags);
  }

  /** @param {any} u @param {(shown: {min: number, max: number}) => void} onZoom */
  selected(u, onZoom) {
    const { left, width } = u.select;
    if (width < 6) return;
    const shown = { min: u.posToVal(left, "x"), max: u.posToVal(left + width, "x") };
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (shown.max - shown.min >= 2) onZoom(shown);
  }
}
