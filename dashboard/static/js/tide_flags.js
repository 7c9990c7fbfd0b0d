// @ts-check
/** Hairlines across all bands for what happened, with labels on top that make way for one another. */

import { millis } from "./format.js";
import { token } from "./tokens.js";

/** @typedef {import("./state.js").Row} Row */
/** @typedef {{t: number, kind: string, text: string, sentence: string}} Flag  seconds */

export const FLAGS_PX = 42;
const LANES = 2;
const LABEL_PX = 17;
const LANE_PX = 20;
/** @type {Record<string, [string, string]>} fill and ink */
const COLOURS = {
  swarm: ["load", "load-ink"],
  stop: ["load", "load-ink"],
  scaled: ["replicas", "replicas-ink"],
  oom: ["alarm", "alarm-ink"],
  failover: ["alarm", "alarm-ink"],
};
const QUIET = ["ink-2", "card"];

/** @param {import("./state.js").Rows} rows @returns {Flag[]} oldest first */
export function flags(rows) {
  return [...rows.values()]
    .map((row) => ({ t: (millis(row.t) ?? 0) / 1000, kind: row.kind, text: row.text ?? row.kind, sentence: row.sentence ?? row.text }))
    .sort((a, b) => a.t - b.t);
}

/**
 * Put each label into the first lane with room; what finds none is counted by its neighbour.
 * @param {{x: number, width: number}[]} wanted by x @param {number} right edge
 * @returns {{left: number, lane: number, more: number}[]} lane -1: no label of its own
 */
export function place(wanted, right) {
  const ends = Array(LANES).fill(-Infinity);
  let last = -1;
  /** @type {{left: number, lane: number, more: number}[]} */
  const placed = [];
  wanted.forEach(({ x, width }, i) => {
    const left = Math.min(x, right - width);
    const lane = ends.findIndex((end) => left >= end + 4);
    placed.push({ left, lane, more: 0 });
    if (lane >= 0) {
      ends[lane] = left + width;
      last = i;
    } else if (last >= 0) placed[last].more += 1;
  });
  return placed;
}

/** @param {any} u the chart @param {Flag[]} all */
export function drawFlags(u, all) {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const { min, max } = u.scales.x;
  const seen = all.filter((flag) => flag.t >= min && flag.t <= max);
  ctx.save();
  ctx.font = `650 ${11 * ratio}px ${token("font")}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  const right = bbox.left + bbox.width + 40 * ratio;
  // Room for "+9", so that a label may count its neighbours without pushing into them.
  const wanted = seen.map((flag) => ({ x: u.valToPos(flag.t, "x", true), width: ctx.measureText(flag.text).width + 30 * ratio }));
  const placed = place(wanted, right);
  seen.forEach((flag, i) => {
    const [fill, ink] = COLOURS[flag.kind] ?? QUIET;
    const { left, lane, more } = placed[i];
    const y = bbox.top - FLAGS_PX * ratio + 2 * ratio + Math.max(0, lane) * LANE_PX * ratio;
    hairline(ctx, Math.round(wanted[i].x) + 0.5, lane < 0 ? bbox.top : y, bbox.top + bbox.height, token(fill));
    if (lane < 0) return;
    const text = more ? `${flag.text} +${more}` : flag.text;
    ctx.fillStyle = token(fill);
    ctx.beginPath();
    ctx.roundRect(left, y, ctx.measureText(text).width + 11 * ratio, LABEL_PX * ratio, 3.5 * ratio);
    ctx.fill();
    ctx.fillStyle = token(ink);
    ctx.fillText(text, left + 5.5 * ratio, y + (LABEL_PX / 2 + 0.5) * ratio);
  });
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} top @param {number} bottom @param {string} colour */
function hairline(ctx, x, top, bottom, colour) {
  ctx.setLineDash([]);
  ctx.globalAlpha = 0.55;
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, bottom);
  ctx.stroke();
  ctx.globalAlpha = 1;
}
