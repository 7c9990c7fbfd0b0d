// @ts-check
/** Two to four runs on one axis, one plot a measure, one cursor over all of them. Seconds since the load began. */

import uPlot from "../vendor/uPlot.esm.js";
import { wireCursor } from "./compare_cursor.js";
import { byId, mark, say } from "./dom.js";
import { number, UNKNOWN } from "./format.js";
import { roundUp } from "./tide_data.js";
import { onTokens, token } from "./tokens.js";

/** Column, title, least top; dashboard/runs/side_by_side.py draws the same ones. @type {[string, string, number][]} */
const MEASURES = [
  ["users", "load users", 10],
  ["rps", "requests/s", 10],
  ["p95_ms", "p95, ms", 100],
  ["failed_percent", "failed, %", 1],
  ["cpu_percent", "CPU, % of request", 100],
  ["ready", "replicas ready", 4],
];
export const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
const PLOT_PX = 124;
const LAST_PX = 150;
const KEY = "compared";

/** @typedef {Record<string, (number | null)[]> & {t: number[]}} Series */

export async function showComparison() {
  const root = document.getElementById("compare");
  if (!root) return;
  const answer = await fetch(root.dataset.source ?? "", { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { series } = await answer.json();
  if (!series.some((/** @type {Series} */ one) => one.t.length)) return;
  root.dataset.alive = "";
  const shelf = byId("compare-plots");
  shelf.hidden = false;
  const plots = MEASURES.map((measure, i) => plot(shelf, series, measure, i === MEASURES.length - 1));
  new ResizeObserver(() => plots.forEach((u) => u.setSize({ width: shelf.clientWidth, height: u.height }))).observe(shelf);
  const times = plots[0].data[0];
  mark(shelf, "aria-valuemin", String(Math.round(times[0])));
  mark(shelf, "aria-valuemax", String(Math.round(times.at(-1))));
  wireCursor(shelf, () => inSight(plots[0]), (t) => plots.forEach((u) => u.setCursor(t === null ? { left: -10, top: -10 } : { left: u.valToPos(t, "x"), top: 1 })));
  onTokens(() => plots.forEach((u) => u.redraw()));
}

/** The runs' own moments on one axis; where a run has none, undefined, so that its line goes on. @param {Series[]} series @param {string} name */
export function joined(series, name) {
  return /** @type {any} */ (uPlot).join(series.map((one) => [one.t, one[name]]));
}

/** @param {HTMLElement} shelf @param {Series[]} series @param {[string, string, number]} measure @param {boolean} last */
function plot(shelf, series, [name, title, least], last) {
  const data = joined(series, name);
  const highest = Math.max(0, ...series.flatMap((one) => one[name].map((value) => value ?? 0)));
  const top = least < 10 ? Math.max(least, Math.ceil(highest)) : roundUp(highest, least);
  const line = (/** @type {Series} */ _one, /** @type {number} */ i) => ({
    label: "ABCD"[i], scale: "y", stroke: () => token(`run-${i + 1}`), width: 1.75, dash: DASHES[i], spanGaps: false, points: { show: false },
  });
  const colours = { stroke: () => token("ink-3"), grid: { show: false }, ticks: { stroke: () => token("line"), size: 4, width: 1 }, font: `11.5px ${token("font")}` };
  return new /** @type {any} */ (uPlot)({
    width: shelf.clientWidth, height: last ? LAST_PX : PLOT_PX, title,
    legend: { show: false },
    padding: [8, 12, last ? 0 : 8, 0],
    scales: { x: { time: false }, y: { range: () => [0, top] } },
    axes: [
      { ...colours, show: last, size: 28, space: 60, incrs: [5, 10, 15, 30, 60, 120, 300, 600], values: (/** @type {any} */ _u, /** @type {number[]} */ at) => at.map(clock) },
      { ...colours, size: 46, grid: { stroke: () => token("line"), width: 1 }, splits: () => [0, top], values: (/** @type {any} */ _u, /** @type {number[]} */ at) => at.map((value) => number(value)) },
    ],
    series: [{}, ...series.map(line)],
    cursor: { y: false, sync: { key: KEY }, drag: { x: true, y: false }, points: { size: 6, width: 0, fill: (/** @type {any} */ u, /** @type {number} */ i) => u.series[i].stroke(u, i) } },
    hooks: { setCursor: [(/** @type {any} */ u) => last && read(u.cursor.left < 0 ? null : u.posToVal(u.cursor.left, "x"), series)] },
  }, data, shelf);
}

/** The moments between the edges, which a zoom has moved. @param {any} u @returns {number[]} */
function inSight(u) {
  const { min, max } = u.scales.x;
  return [...u.data[0]].filter((t) => t >= min && t <= max);
}

/** What each run had at that moment, in words. @param {number | null} t @param {Series[]} series */
function read(t, series) {
  const box = byId("compare-readout");
  const slider = byId("compare-plots");
  if (t === null) {
    mark(slider, "aria-valuetext", "No cursor");
    return say(box, "");
  }
  const parts = series.map((one, i) => {
    const at = nearest(one.t, t);
    const value = (/** @type {string} */ name) => (at < 0 ? UNKNOWN : number(one[name][at]));
    return `${"ABCD"[i]}: ${value("rps")}/s, p95 ${value("p95_ms")} ms, CPU ${value("cpu_percent")} %, ${value("ready")} ready`;
  });
  const text = `${clock(t)} · ${parts.join(" · ")}`;
  mark(slider, "aria-valuenow", String(Math.round(t)));
  mark(slider, "aria-valuetext", text);
  say(box, text);
}

/** The sample next to a moment, not farther than two seconds. @param {number[]} times @param {number} t */
function nearest(times, t) {
  const after = times.findIndex((one) => one >= t);
  const at = after < 0 ? times.length - 1 : after;
  return at >= 0 && Math.abs(times[at] - t) <= 2 ? at : -1;
}

/** "1:05", "−0:10". @param {number} t seconds since the load began */
function clock(t) {
  const whole = Math.abs(Math.round(t));
  return `${t < -0.5 ? "−" : ""}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
