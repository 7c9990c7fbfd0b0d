// @ts-check
/** Opens and closes the dialogs; the browser's own <dialog> keeps the focus inside and answers Escape. */

import { byId } from "./dom.js";

export function wireDialogs() {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const opener = target?.closest("[data-opens]");
    if (opener instanceof HTMLElement) openDialog(opener.dataset.opens ?? "");
    if (target?.closest("[data-closes]")) target.closest("dialog")?.close();
    if (target instanceof HTMLDialogElement && outside(target, event)) target.close();
  });
}

/** @param {string} id */
export function openDialog(id) {
  const dialog = /** @type {HTMLDialogElement} */ (byId(id));
  for (const old of dialog.querySelectorAll("[id$='-refusal']")) old.replaceChildren();
  dialog.dispatchEvent(new CustomEvent("opening"));
  if (!dialog.open) dialog.showModal();
}

/** @param {HTMLDialogElement} dialog @param {MouseEvent} event */
function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
