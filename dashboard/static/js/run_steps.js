// @ts-check
/** Steps through the explanations, one open at a time, with the chart's cursor beside; and shows routine on demand. */

import { byId, say } from "./dom.js";
import { millis } from "./format.js";

/** @param {import("./run_tide.js").RunTide | null} tide */
export function wireSteps(tide) {
  const all = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll(".explanation")]);
  for (const one of all) one.addEventListener("toggle", () => one.open && chosen(all, one, tide));
  const steps = document.getElementById("steps");
  if (!steps) return;
  steps.hidden = false;
  const go = (/** @type {number} */ by) => {
    const at = all.findIndex((one) => one.open);
    const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by));
    // At once, since the event of one that was opened comes later, maybe after the next one was.
    for (const other of all) other.open = other === all[to];
    all[to].scrollIntoView({ block: "nearest" });
  };
  byId("step-back").addEventListener("click", () => go(-1));
  byId("step-on").addEventListener("click", () => go(1));
}

/** @param {HTMLDetailsElement[]} all @param {HTMLDetailsElement} one @param {import("./run_tide.js").RunTide | null} tide */
function chosen(all, one, tide) {
  if (printing) return;
  for (const other of all) if (other !== one) other.open = false;
  const place = document.getElementById("step-place");
  if (place) say(place, `${all.indexOf(one) + 1} of ${all.length}`);
  const t = millis(one.dataset.t);
  if (t !== null) tide?.show(t / 1000);
}

let printing = false;

/** On paper everything is open. */
export function wirePrint() {
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  window.addEventListener("beforeprint", () => {
    printing = true;
    opened = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("details.explanation:not([open]), details.manifest:not([open])")]);
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    // The toggles are told a moment later.
    setTimeout(() => { printing = false; }, 100);
  });
}

/** Routine events are there and folded away. */
export function wireQuiet() {
  const list = byId("run-events");
  if (!list.querySelector("[data-quiet]")) return;
  const choice = byId("quiet-choice");
  choice.hidden = false;
  list.dataset.folded = "";
  byId("show-quiet").addEventListener("change", (event) => {
    if (/** @type {HTMLInputElement} */ (event.target).checked) delete list.dataset.folded;
    else list.dataset.folded = "";
  });
}
