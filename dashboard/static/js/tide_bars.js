// @ts-check
/** The replicas band: one bar a pod, hatched while starting, solid when Ready, ended when gone. */

import { millis } from "./format.js";
import { token, typeScale } from "./tokens.js";

/** @typedef {import("./state.js").Row} Row */
/** @typedef {{from: number, ready: number | null, to: number | null, lane: number, name: string}} Bar  seconds */

const BAR_MAX_PX = 11;
const GAP_PX = 2;

/** Give every pod the lowest lane that is free when it is born, so that bars stack as replicas do. @param {Row[]} spans @returns {Bar[]} */
export function lanes(spans) {
  /** @type {(number | null)[]} when each lane's last bar ended; null while it goes on */
  const ends = [];
  return spans
    .filter((span) => millis(span.created_at) !== null)
    .sort((a, b) => (a.created_at + a.name < b.created_at + b.name ? -1 : 1))
    .map((span) => {
      const from = seconds(span.created_at) ?? 0;
      const to = seconds(span.ended_at);
      let lane = ends.findIndex((end) => end !== null && end <= from);
      if (lane < 0) lane = ends.length;
      ends[lane] = to;
      return { from, ready: seconds(span.ready_at), to, lane, name: span.name };
    });
}

/** @param {string | null} iso */
function seconds(iso) {
  const at = millis(iso);
  return at === null ? null : at / 1000;
}

/**
 * @param {any} u the chart @param {Bar[]} bars @param {{top: number, bottom: number}} band @param {number} until when a living pod is known to live, seconds @param {number} most replicas there may be
 */
export function drawBars(u, bars, band, until, most) {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const { min, max } = u.scales.x;
  const seen = bars.filter((bar) => bar.from < max && (bar.to ?? until) > min);
  const rows = Math.max(4, most, ...seen.map((bar) => bar.lane + 1));
  const pitch = Math.min((BAR_MAX_PX + GAP_PX) * typeScale(), (band.bottom - band.top) / rows) * ratio;
  const height = Math.max(1, pitch - GAP_PX * ratio);
  const x = (/** @type {number} */ t) => Math.round(u.valToPos(Math.max(min, Math.min(max, t)), "x", true));
  ctx.save();
  for (const bar of seen) {
    const y = bbox.top + band.bottom * ratio - (bar.lane + 1) * pitch + GAP_PX * ratio * 0.5;
    const end = x(bar.to ?? until);
    const ready = bar.ready === null ? end : Math.min(end, x(bar.ready));
    const start = x(bar.from);
    if (ready > start) fillBar(ctx, start, y, Math.max(2, ready - start), height, hatch(ctx));
    if (end > ready) fillBar(ctx, ready, y, Math.max(2, end - ready - (bar.to === null ? 0 : ratio)), height, token("replicas"));
  }
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} width @param {number} height @param {string | CanvasPattern} fill */
function fillBar(ctx, x, y, width, height, fill) {
  ctx.beginPath();
  ctx.roundRect(x, y, width, height, Math.min(2.5 * devicePixelRatio, width / 2, height / 2));
  if (typeof fill !== "string") {
    ctx.fillStyle = token("replicas-soft");
    ctx.fill();
  }
  ctx.fillStyle = fill;
  ctx.fill();
}

/** @type {{key: string, pattern: CanvasPattern | null}} */
let hatched = { key: "", pattern: null };

/** @param {CanvasRenderingContext2D} ctx */
function hatch(ctx) {
  const colour = token("replicas");
  const size = Math.round(7 * devicePixelRatio);
  const key = `${colour} ${size}`;
  if (hatched.key !== key || !hatched.pattern) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const pen = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
    pen.strokeStyle = colour;
    pen.lineWidth = size / 3.6;
    pen.lineCap = "square";
    for (const shift of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
      pen.stroke();
    }
    hatched = { key, pattern: ctx.createPattern(tile, "repeat") };
  }
  return hatched.pattern ?? colour;
}
