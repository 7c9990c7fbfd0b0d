// @ts-check
/** What would have been against what was: replicas as steps, CPU below them on the same axis. It is told the points and knows no form. */

import uPlot from "../vendor/uPlot.esm.js";
import { clock, number } from "./format.js";
import { roundUp } from "./tide_data.js";
import { token } from "./tokens.js";

/** @typedef {{t: number, would: number | null, was: number | null, cpu_would: number | null, cpu_was: number | null}} Point */

const NARROW_PX = 420;
const KEY = "what if";

/** @param {HTMLElement} root @param {Point[]} points */
export function drawPoints(root, points) {
  root.replaceChildren();
  root.hidden = points.length < 2;
  if (root.hidden) return;
  const seconds = points.map((point) => point.t / 1000);
  const most = Math.max(2, ...points.flatMap((point) => [point.was ?? 0, point.would ?? 0]));
  const hottest = Math.max(0, ...points.flatMap((point) => [point.cpu_was ?? 0, point.cpu_would ?? 0]));
  const paths = /** @type {any} */ (uPlot).paths.stepped({ align: 1 });
  const plots = [
    plot(root, [seconds, points.map((p) => p.was), points.map((p) => p.would)], { title: "replicas", height: 168, colour: "replicas", top: most + 0.5, paths, last: false }),
    plot(root, [seconds, points.map((p) => p.cpu_was), points.map((p) => p.cpu_would)], { title: "CPU, % of request", height: 152, colour: "cpu", top: roundUp(hottest, 100), last: true }),
  ];
  const watch = new ResizeObserver(() => {
    if (!root.contains(plots[0].root)) watch.disconnect();
    else for (const one of plots) one.setSize({ width: root.clientWidth, height: one.height });
  });
  watch.observe(root);
}

/**
 * @param {HTMLElement} root @param {(number | null)[][]} data
 * @param {{title: string, height: number, colour: string, top: number, last: boolean, paths?: unknown}} how
 */
function plot(root, data, { title, height, colour, top, last, paths }) {
  const axis = { stroke: () => token("ink-3"), grid: { show: false }, ticks: { stroke: () => token("line"), size: 4, width: 1 }, font: `11.5px ${token("font")}` };
  const line = { points: { show: false }, spanGaps: false, ...(paths ? { paths } : {}) };
  return new /** @type {any} */ (uPlot)({
    width: root.clientWidth, height, title, legend: { show: false }, padding: [6, 12, last ? 0 : 6, 0],
    scales: { x: { time: true }, y: { range: () => [0, top] } },
    axes: [
      { ...axis, show: last, size: 26, gap: 4, space: root.clientWidth < NARROW_PX ? 60 : 80, values: (/** @type {any} */ _u, /** @type {number[]} */ at, /** @type {number} */ _a, /** @type {number} */ _s, /** @type {number} */ step) => at.map((t) => (step % 60 ? clock(1000 * t) : clock(1000 * t).slice(0, 5))) },
      { ...axis, size: 40, space: 24, grid: { stroke: () => token("line"), width: 1 }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500], values: (/** @type {any} */ _u, /** @type {number[]} */ at) => at.map((value) => number(value)) },
    ],
    series: [
      {},
      { ...line, label: "was", stroke: () => token("ink-3"), width: 1.5 },
      { ...line, label: "would", stroke: () => token(colour), width: 2.25, dash: [7, 3] },
    ],
    cursor: { y: false, sync: { key: KEY }, drag: { x: false, y: false }, points: { size: 6, width: 0, fill: (/** @type {any} */ u, /** @type {number} */ i) => u.series[i].stroke(u, i) } },
  }, data, root);
}
