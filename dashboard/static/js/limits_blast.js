// @ts-check
/** The experiment: its form, the one that runs, and the last result of each variant. */

import { byId, mark, part, say } from "./dom.js";
import { fillList } from "./limits_fill.js";
import { drawPicture } from "./limits_picture.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const ACTIVE = ["starting", "running", "cleaning"];
const FAILED = ["failed", "stopped"];
/** State → tone and word, as web/limits/showing.py. @type {Record<string, [string, string]>} */
const WORDS = {
  none: ["unknown", "nothing runs"], starting: ["starting", "starting"], running: ["near", "running"], cleaning: ["starting", "being removed"],
  done: ["good", "over"], stopped: ["unknown", "stopped"], failed: ["failed", "failed"],
};
const VARIANTS = ["own", "shared"];

/** @param {State} state */
export function showBlast(state) {
  let running = "";
  state.subscribe(["blast"], () => {
    const row = state.row("blast", "current") ?? { state: "none" };
    arrange(row);
    // Said aloud once, at its end: while it runs the figures change each second.
    if (!ACTIVE.includes(row.state) && running && running === row.id) say(byId("blast-said"), `${row.sentence} ${row.lesson}`);
    running = ACTIVE.includes(row.state) ? row.id : "";
    const shown = [...ACTIVE, ...FAILED].includes(row.state) ? [row] : [];
    paint("blast-now", shown);
    const results = VARIANTS.map((variant) => state.row("blast", variant)).filter((each) => each !== undefined);
    paint("blast-results", results);
    const none = /** @type {HTMLElement} */ (document.querySelector('[data-none="blast-results"]'));
    none.hidden = results.length > 0 || shown.length > 0;
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("#blast [data-drops-plan]")) return;
    byId("blast-plan-or-refusal").replaceChildren();
    byId("blast-form").querySelector("button")?.focus();
  });
  document.body.addEventListener("blast-started", () => {
    // Once the answer is in its place, which is within the plan.
    setTimeout(() => {
      byId("blast-plan-or-refusal").replaceChildren();
      byId("blast-title").focus({ preventScroll: true });
    });
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target instanceof Element && event.target.id === "blast-plan-or-refusal") document.getElementById("blast-plan-title")?.focus();
  });
}

/** Which parts there are in this state. @param {Row} row */
function arrange(row) {
  const active = ACTIVE.includes(row.state);
  const [tone, word] = WORDS[row.state] ?? ["unknown", row.state];
  mark(byId("blast"), "data-state", row.state);
  const sign = byId("blast-state");
  mark(sign, "data-tone", tone);
  say(part(sign, "word"), word);
  if (document.getElementById("blast-form")) arrangeForms(row, active);
  const phase = byId("blast-phase");
  const says = active ? phaseOf(row) : FAILED.includes(row.state) ? (row.reason ?? "") : "";
  phase.hidden = !says;
  say(phase, says);
}

/** @param {Row} row @param {boolean} active */
function arrangeForms(row, active) {
  const form = byId("blast-form");
  if (active && form.contains(document.activeElement)) byId("blast-title").focus({ preventScroll: true });
  form.hidden = active;
  const stop = byId("blast-stop");
  if (!active && stop.contains(document.activeElement)) byId("blast-title").focus({ preventScroll: true });
  stop.hidden = !active;
  /** @type {HTMLButtonElement} */ (stop.querySelector("button")).disabled = row.state === "cleaning";
}

/** @param {Row} row */
function phaseOf(row) {
  if (row.late) return "Its pods are still there after a minute; the cluster ends them by their deadline.";
  const text = String(row.phase ?? "");
  return text ? `${text[0].toUpperCase()}${text.slice(1)}.` : "";
}

/** @param {string} place @param {Row[]} rows */
function paint(place, rows) {
  fillList(byId(place), "t-result", rows.map(ready), (made, row) => drawPicture(/** @type {HTMLElement} */ (made.querySelector(".blast-picture")), row.picture));
}

/** @param {Row} row */
function ready(row) {
  return { ...row, key: `${row.variant}${row.id}`, tone: undefined, title: `${row.title[0].toUpperCase()}${row.title.slice(1)}` };
}
