// @ts-check
/** The what-if form: each slider goes with its number; what it would have been is drawn against what it was. It writes nothing. */

import uPlot from "../vendor/uPlot.esm.js";
import { byId, mark } from "./dom.js";
import { clock, millis } from "./format.js";
import { onTokens, token } from "./tokens.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {{t: number | string, would: number | null, was: number | null}} Point */

const HEIGHT_PX = 190;
const NARROW_PX = 420;

/** @param {State} state */
export function wireWhatIf(state) {
  const form = /** @type {HTMLFormElement} */ (byId("what-if-form"));
  for (const slider of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-slides]"))) pair(form, slider);
  const reset = byId("what-if-reset");
  const own = () => {
    const numbers = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("[data-own]")]);
    return numbers.filter((each) => each.value !== each.dataset.own);
  };
  form.addEventListener("input", () => (reset.hidden = own().length === 0));
  reset.addEventListener("click", () => {
    for (const each of own()) {
      each.value = each.dataset.own ?? "";
      each.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.elements.namedItem("target") instanceof HTMLElement && /** @type {HTMLElement} */ (form.elements.namedItem("target")).focus();
  });
  const place = byId("what-if-answer");
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.target === place) draw(place);
  });
  draw(place);
  onTokens(() => draw(place));
  void state;
}

/** What is typed beyond the slider's end stays typed. @param {HTMLFormElement} form @param {HTMLInputElement} slider */
function pair(form, slider) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(slider.dataset.slides ?? ""));
  slider.addEventListener("input", () => (field.value = slider.value));
  field.addEventListener("input", () => {
    if (field.value !== "") slider.value = field.value;
  });
}

/** @param {HTMLElement} place */
function draw(place) {
  const root = /** @type {HTMLElement | null} */ (place.querySelector("[data-points]"));
  if (!root) return;
  /** @type {Point[]} */
  const points = JSON.parse(root.dataset.points || "[]");
  root.replaceChildren();
  root.hidden = points.length < 2;
  if (points.length < 2) return;
  const chart = new /** @type {any} */ (uPlot)(options(root, points), columnsOf(points), root);
  new ResizeObserver(() => root.isConnected && chart.setSize({ width: root.clientWidth, height: HEIGHT_PX })).observe(root);
  mark(root, "data-drawn", "");
}

/** @param {Point[]} points */
function columnsOf(points) {
  const seconds = points.map((each) => (typeof each.t === "number" ? each.t : (millis(each.t) ?? 0)) / 1000);
  return [seconds, points.map((each) => each.was), points.map((each) => each.would)];
}

/** Steps: replicas change at once and stay. @param {HTMLElement} root @param {Point[]} points */
function options(root, points) {
  const most = Math.max(2, ...points.map((each) => Math.max(each.was ?? 0, each.would ?? 0)));
  const stepped = /** @type {any} */ (uPlot).paths.stepped({ align: 1 });
  const axis = { stroke: () => token("ink-3"), grid: { show: false }, ticks: { stroke: () => token("line"), size: 4, width: 1 }, font: `11.5px ${token("font")}` };
  return {
    width: root.clientWidth, height: HEIGHT_PX, legend: { show: false }, padding: [10, 10, 0, 0],
    scales: { x: { time: true }, y: { range: () => [0, most + 0.5] } },
    axes: [
      { ...axis, size: 26, gap: 4, space: root.clientWidth < NARROW_PX ? 60 : 80, values: (/** @type {any} */ _u, /** @type {number[]} */ at) => at.map((t) => clock(1000 * t).slice(0, 5)) },
      { ...axis, size: 34, grid: { stroke: () => token("line"), width: 1 }, incrs: [1, 2, 5, 10, 20], values: (/** @type {any} */ _u, /** @type {number[]} */ at) => at.map(String) },
    ],
    series: [
      {},
      { label: "was", stroke: () => token("ink-3"), fill: () => token("replicas-soft"), width: 1.25, paths: stepped, points: { show: false }, spanGaps: false },
      { label: "would", stroke: () => token("replicas"), width: 2.25, dash: [7, 4], paths: stepped, points: { show: false }, spanGaps: false },
    ],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6, width: 0, fill: (/** @type {any} */ u, /** @type {number} */ i) => u.series[i].stroke(u, i) } },
  };
}
