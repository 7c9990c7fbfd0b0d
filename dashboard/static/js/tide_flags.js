// @ts-check
/** Hairlines across all bands for what happened, with labels on top that make way for one another. */

import { millis } from "./format.js";
import { token, typeScale } from "./tokens.js";

/** @typedef {import("./state.js").Row} Row */
/** @typedef {{t: number, kind: string, text: string, sentence: string}} Flag  seconds */

export const FLAGS_PX = 42;
const LANES = 2;
const LABEL_PX = 17;
const LANE_PX = 20;
/** Nearer than this, two lanes cannot hold a row of labels. */
const JOIN_PX = 26;
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
 * Rescales too near to one another for a label each get one together, from the first size to the last.
 * @param {Flag[]} seen oldest first @param {(t: number) => number} at where a time is, in CSS pixels
 * @returns {Flag[]}
 */
export function joined(seen, at) {
  /** @type {Flag[]} */
  const labels = [];
  let end = -Infinity;
  for (const flag of seen) {
    const last = labels.at(-1);
    const from = last?.kind === "scaled" ? /^(\d+) →/.exec(last.text) : null;
    const to = flag.kind === "scaled" ? /→ (\d+)$/.exec(flag.text) : null;
    if (last && from && to && at(flag.t) - end < JOIN_PX) labels[labels.length - 1] = { ...last, text: `${from[1]} → ${to[1]}` };
    else labels.push(flag);
    end = at(flag.t);
  }
  return labels;
}

/**
 * Put each label into the first lane with room, the `quiet` ones last; what finds none is counted by its neighbour.
 * @param {{x: number, width: number, quiet?: boolean}[]} wanted by x @param {number} right edge
 * @returns {{left: number, lane: number, more: number}[]} lane -1: no label of its own
 */
export function place(wanted, right) {
  /** @type {[number, number][][]} what is taken of each lane */
  const taken = Array.from({ length: LANES }, () => []);
  const placed = wanted.map(({ x, width }) => ({ left: Math.min(x, right - width), lane: -1, more: 0 }));
  const order = wanted.map((_, i) => i).sort((a, b) => Number(wanted[a].quiet ?? false) - Number(wanted[b].quiet ?? false) || a - b);
  for (const i of order) {
    const from = placed[i].left;
    const to = from + wanted[i].width;
    placed[i].lane = taken.findIndex((lane) => lane.every(([start, end]) => from >= end + 4 || to + 4 <= start));
    if (placed[i].lane >= 0) taken[placed[i].lane].push([from, to]);
  }
  placed.forEach((label, i) => {
    if (label.lane >= 0) return;
    const before = placed.slice(0, i).findLast((other) => other.lane >= 0);
    const neighbour = before ?? placed.find((other) => other.lane >= 0);
    if (neighbour) neighbour.more += 1;
  });
  return placed;
}

/** @param {any} u the chart @param {Flag[]} all */
export function drawFlags(u, all) {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio * typeScale();
  const { min, max } = u.scales.x;
  const seen = all.filter((flag) => flag.t >= min && flag.t <= max);
  ctx.save();
  ctx.font = `650 ${11 * ratio}px ${token("font")}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  const right = bbox.left + bbox.width + 40 * ratio;
  for (const flag of seen) {
    const x = Math.round(u.valToPos(flag.t, "x", true)) + 0.5;
    hairline(ctx, x, bbox.top, bbox.top + bbox.height, token(coloursOf(flag)[0]));
  }
  const labels = joined(seen, (t) => u.valToPos(t, "x"));
  // Room for "+9", so that a label may count its neighbours without pushing into them.
  const wanted = labels.map((flag) => ({ x: u.valToPos(flag.t, "x", true), width: ctx.measureText(flag.text).width + 30 * ratio, quiet: !COLOURS[flag.kind] }));
  const placed = place(wanted, right);
  labels.forEach((flag, i) => {
    const [fill, ink] = coloursOf(flag);
    const { left, lane, more } = placed[i];
    if (lane < 0) return;
    const y = bbox.top - FLAGS_PX * ratio + 2 * ratio + lane * LANE_PX * ratio;
    hairline(ctx, Math.round(wanted[i].x) + 0.5, y, bbox.top, token(fill));
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

/** @param {Flag} flag */
function coloursOf(flag) {
  return COLOURS[flag.kind] ?? QUIET;
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
