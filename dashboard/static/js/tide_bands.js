// @ts-check
/** Where each of the bands lies, and what frames it: titles, base lines, the numbers at the edge. */

import { number } from "./format.js";
import { token, typeScale } from "./tokens.js";
import { roundUp } from "./tide_data.js";

/** @typedef {{title: string, top: number, bottom: number}} Band  in CSS pixels from the top of the plot */
/** @typedef {"load" | "latency" | "cpu" | "replicas"} Name */
/** @typedef {Partial<Record<Name, Band>>} Bands  only those that the chart has */

const TITLE_PX = 24;
const SHARES = { load: 0.29, latency: 0.17, cpu: 0.26, replicas: 0.28 };
const TITLES = {
  load: "load users · requests/s",
  latency: "p95, ms",
  cpu: "CPU, % of request",
  replicas: "replicas: solid = ready, hatched = starting",
};
/** The least top of each scale, so that noise near zero does not look like a storm. */
export const LEAST = { users: 10, rps: 10, p95: 100, cpu: 100 };

export const ALL = /** @type {Name[]} */ (Object.keys(SHARES));

/** @param {number} height of the plot, CSS pixels @param {Name[]} names from the top down @returns {Bands} */
export function layOut(height, names = ALL) {
  const title = TITLE_PX * typeScale();
  const free = Math.max(20 * names.length, height - names.length * title - 4);
  const whole = names.reduce((sum, name) => sum + SHARES[name], 0);
  let y = 0;
  return Object.fromEntries(
    names.map((name) => {
      const top = y + title;
      y = top + (SHARES[name] / whole) * free;
      return [name, { title: TITLES[name], top, bottom: y }];
    }),
  );
}

/** A scale whose zero is the band's bottom and whose `top` is the band's top. @param {Band} band @param {number} height @param {number} top */
export function scaleIn(band, height, top) {
  const perPixel = top / (band.bottom - band.top);
  return { min: -(height - band.bottom) * perPixel, max: band.bottom * perPixel };
}

/** @param {number | null} highest @param {keyof typeof LEAST} name */
export function topOf(highest, name) {
  return roundUp(highest, LEAST[name]);
}

/**
 * Titles and numbers, drawn over the lines.
 * @param {any} u the chart @param {Bands} bands @param {{users: number, rps: number, p95: number, cpu: number, target: number | null, hasRps: boolean}} tops
 */
export function drawFrame(u, bands, tops) {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  const left = bbox.left;
  const right = bbox.left + bbox.width;
  const type = ratio * typeScale();
  const at = (/** @type {number} */ y) => bbox.top + y * ratio;
  ctx.save();
  ctx.textBaseline = "middle";
  ctx.font = `600 ${11.5 * type}px ${token("font")}`;
  ctx.fillStyle = token("ink-2");
  ctx.textAlign = "left";
  for (const band of Object.values(bands)) ctx.fillText(band.title, left, at(band.top) - 11 * type, bbox.width);
  ctx.font = `${11.5 * type}px ${token("font")}`;
  ctx.fillStyle = token("ink-3");
  ctx.textAlign = "right";
  const margin = left - 7 * type;
  if (bands.load) ctx.fillText(short(tops.users), margin, at(bands.load.top));
  if (bands.latency) ctx.fillText(short(tops.p95), margin, at(bands.latency.top));
  if (bands.cpu) ctx.fillText(short(tops.cpu), margin, at(bands.cpu.top));
  if (bands.cpu && tops.target !== null && tops.target < 0.8 * tops.cpu) {
    ctx.fillStyle = token("cpu");
    ctx.fillText(number(tops.target), margin, at(yOf(bands.cpu, tops.target / tops.cpu)));
  }
  if (bands.load && tops.hasRps) {
    ctx.fillStyle = token("load");
    ctx.textAlign = "left";
    ctx.fillText(`${number(tops.rps)}/s`, right + 6 * type, at(bands.load.top));
  }
  ctx.restore();
}

/** The margin holds five characters. @param {number} value */
function short(value) {
  return value < 10000 ? number(value) : `${number(value / 1000)}k`;
}

/** Base lines, drawn under everything. @param {any} u @param {Bands} bands */
export function drawGround(u, bands) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = token("line");
  ctx.lineWidth = devicePixelRatio;
  for (const band of Object.values(bands)) {
    const y = Math.round(bbox.top + band.bottom * devicePixelRatio) + 0.5;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** @param {Band} band @param {number} share of the band's height, from its bottom */
function yOf(band, share) {
  return band.bottom - share * (band.bottom - band.top);
}
