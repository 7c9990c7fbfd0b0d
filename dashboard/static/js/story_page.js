// @ts-check
/** Wires the Story page together: its lines, and a filter that takes times as the reader's clock has them. */

import { byId } from "./dom.js";
import { startPage } from "./page.js";
import { startEach, withState } from "./starting.js";
import { ownZone, showLines } from "./story_lines.js";

/** Times go to the server in UTC, whatever zone the fields are in. */
function wireFilter() {
  const form = /** @type {HTMLFormElement} */ (byId("story-filter"));
  const times = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type='datetime-local']"));
  for (const field of times) field.value = field.dataset.iso ? asField(field.dataset.iso) : field.value;
  for (const zone of form.querySelectorAll("[data-zone]")) zone.textContent = "(your time)";
  form.addEventListener("formdata", (event) => {
    for (const [name, text] of [...event.formData]) if (text === "") event.formData.delete(name);
    for (const { name, value } of times) if (value) event.formData.set(name, `${new Date(value).toISOString().slice(0, 16)}Z`);
  });
}

/** @param {string} iso */
function asField(iso) {
  const at = new Date(iso);
  return new Date(at.getTime() - 60000 * at.getTimezoneOffset()).toISOString().slice(0, 16);
}

const state = startPage();
startEach([() => ownZone(document), wireFilter, ...withState([showLines], state)]);
