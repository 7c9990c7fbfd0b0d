// @ts-check
/** The what-if form: each slider goes with its number, and the answer that comes is drawn. It writes nothing. */

import { byId, say } from "./dom.js";
import { clock } from "./format.js";
import { drawPoints } from "./scaling_what_if_chart.js";
import { onTokens } from "./tokens.js";

export function wireWhatIf() {
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
    const first = form.elements.namedItem("target");
    if (first instanceof HTMLElement) first.focus(); // the button that had it is gone
  });
  const place = byId("what-if-answer");
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.target === place) draw(place);
  });
  draw(place);
  onTokens(() => draw(place));
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
  for (const time of place.querySelectorAll("time")) say(time, clock(time.dateTime)); // the server's are in UTC
  const root = /** @type {HTMLElement | null} */ (place.querySelector("[data-points]"));
  if (root) drawPoints(root, JSON.parse(root.dataset.points || "[]"));
}
