// @ts-check
/** The chart of a kill: one column of answers every 200 ms. web/data/drawing.py draws the same on the first paint. */

import { mark, part, say } from "./dom.js";

/** @typedef {import("./state.js").Row} Row */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 10;
const GAP = 2;
const HEIGHT = 100;
const FLOOR = 64;
const LEAST = 3;

/** @param {HTMLElement} figure @param {Row} row */
export function paintChart(figure, row) {
  /** @type {number[][]} */
  const buckets = row.buckets ?? [];
  figure.hidden = !buckets.length;
  if (!buckets.length) return;
  const width = buckets.length * WIDTH;
  const begin = buckets[0][0];
  const step = row.bucket_ms ?? 200;
  const x = (/** @type {number} */ ms) => round(Math.min(width, Math.max(0, (WIDTH * (ms - begin)) / step)));
  const plot = /** @type {SVGElement} */ (figure.querySelector("svg"));
  mark(plot, "viewBox", `0 0 ${width} ${HEIGHT}`);
  set(of(plot, "floor"), { x2: width });
  set(of(plot, "line"), { x1: x(0), x2: x(0) });
  const known = typeof row.outage_from_ms === "number";
  const from = known ? x(row.outage_from_ms) : 0;
  const to = typeof row.outage_to_ms === "number" ? x(row.outage_to_ms) : width;
  set(of(plot, "shade"), { x: from, width: known ? round(Math.max(0, to - from)) : 0 });
  paintColumns(of(plot, "columns"), buckets);
  say(part(figure, "begin"), seconds(begin));
  say(part(figure, "end"), seconds(buckets[buckets.length - 1][0]));
  say(part(figure, "words"), row.sentence ?? "");
}

/** @param {number} ms */
export function seconds(ms) {
  return `${ms < 0 ? "−" : "+"}${(Math.abs(ms) / 1000).toFixed(1)} s`;
}

/** @param {Element} root @param {number[][]} buckets */
function paintColumns(root, buckets) {
  const most = Math.max(...buckets.map(([, confirmed, failed]) => Math.max(confirmed, failed)));
  while (root.children.length > buckets.length) root.lastElementChild?.remove();
  while (root.children.length < buckets.length) root.append(column());
  buckets.forEach(([, confirmed, failed], index) => {
    const [yes, no] = root.children[index].children;
    const up = height(confirmed, most, FLOOR - 4);
    const at = { x: index * WIDTH + GAP / 2, width: WIDTH - GAP };
    set(yes, { ...at, y: round(FLOOR - up), height: up });
    set(no, { ...at, y: FLOOR, height: height(failed, most, HEIGHT - FLOOR - 4) });
  });
}

function column() {
  const group = document.createElementNS(SVG, "g");
  for (const name of ["kill-yes", "kill-no"]) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", name);
    group.append(rect);
  }
  return group;
}

/** @param {number} count @param {number} most @param {number} room */
function height(count, most, room) {
  return count && most ? round(Math.max(LEAST, (room * count) / most)) : 0;
}

/** @param {Element} plot @param {string} field @returns {Element} */
function of(plot, field) {
  const found = plot.querySelector(`[data-f="${field}"]`);
  if (!found) throw new Error(`The chart has no part "${field}".`);
  return found;
}

/** @param {Element} element @param {Record<string, number>} numbers */
function set(element, numbers) {
  for (const [name, value] of Object.entries(numbers)) mark(element, name, String(value));
}

/** @param {number} value */
function round(value) {
  return Math.round(10 * value) / 10;
}
