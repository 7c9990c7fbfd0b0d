// @ts-check
/** The what-if form: each slider goes with its number, and the answer that comes is drawn. It writes nothing. */

import { byId, say } from "./dom.js";
import { focusHpa } from "./focus.js";
import { clock } from "./format.js";
import { drawPoints } from "./scaling_what_if_chart.js";
import { onTokens } from "./tokens.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** The last half hour moves on, and its answer with it. */
const AGAIN_MS = 15000;

/** @param {State} state */
export function wireWhatIf(state) {
  const form = /** @type {HTMLFormElement} */ (byId("what-if-form"));
  for (const slider of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-slides]"))) pair(form, slider);
  wireReset(form);
  wireAnswer(form);
  state.subscribe(["hpas"], () => adopt(form, focusHpa(state)));
}

/** @param {HTMLFormElement} form @param {string} name @returns {HTMLInputElement} */
function field(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** Ask anew with what the form holds. @param {HTMLFormElement} form */
function ask(form) {
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What is typed beyond the slider's end stays typed. @param {HTMLFormElement} form @param {HTMLInputElement} slider */
function pair(form, slider) {
  const number = field(form, slider.dataset.slides ?? "");
  slider.addEventListener("input", () => (number.value = slider.value));
  number.addEventListener("input", () => {
    if (number.value !== "") slider.value = number.value;
  });
}

/** The fields that are not as the autoscaler has them. @param {HTMLFormElement} form */
function changed(form) {
  const numbers = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("[data-own]")]);
  return numbers.filter((each) => each.value !== each.dataset.own);
}

/** @param {HTMLFormElement} form */
function wireReset(form) {
  const reset = byId("what-if-reset");
  form.addEventListener("input", () => (reset.hidden = changed(form).length === 0));
  reset.addEventListener("click", () => {
    for (const each of changed(form)) {
      each.value = each.dataset.own ?? "";
      each.dispatchEvent(new Event("input", { bubbles: true }));
    }
    field(form, "target").focus(); // the button that had it is gone
  });
}

/** @param {HTMLFormElement} form */
function wireAnswer(form) {
  const place = byId("what-if-answer");
  let typed = false;
  form.addEventListener("input", (event) => (typed ||= event.target !== form));
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.target !== place) return;
    draw(place);
    // Aloud only what somebody asked for, not each new look at the same.
    if (typed) say(byId("what-if-said"), place.querySelector(".what-if-sentence, .refusal")?.textContent ?? "");
    typed = false;
  });
  draw(place);
  onTokens(() => draw(place));
  setInterval(() => {
    const isRead = place.matches(":hover, :focus-within") || place.querySelector("details[open]");
    if (!document.hidden && !isRead && form.dataset.live !== undefined && field(form, "hpa").value && !field(form, "run").value) ask(form);
  }, AGAIN_MS);
}

/** One that has come since the page did gives the form its settings. @param {HTMLFormElement} form @param {Row | undefined} hpa */
function adopt(form, hpa) {
  if (!hpa || field(form, "hpa").value) return;
  field(form, "hpa").value = String(hpa.uid);
  const own = { target: hpa.cpu_target, min: hpa.min, max: hpa.max, window: hpa.behavior?.down?.stabilization_s };
  for (const [name, value] of Object.entries(own)) {
    if (typeof value !== "number") continue;
    const number = field(form, name);
    number.dataset.own = number.value = String(value);
    number.dispatchEvent(new Event("input"));
  }
  byId("what-if").hidden = false;
  ask(form);
}

/** @param {HTMLElement} place */
function draw(place) {
  for (const time of place.querySelectorAll("time")) say(time, clock(time.dateTime)); // the server's are in UTC
  const root = /** @type {HTMLElement | null} */ (place.querySelector("[data-points]"));
  if (root) drawPoints(root, JSON.parse(root.dataset.points || "[]"));
}
