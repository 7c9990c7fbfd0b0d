// @ts-check
/** Short messages that go away by themselves. The server asks for one by the HX-Trigger header. */

import { byId, clone, mark, part, say } from "./dom.js";

const SHOWN_MS = 6000;
const BAD_SHOWN_MS = 12000;

export function wireToasts() {
  document.body.addEventListener("toast", (event) => {
    const { text, tone } = /** @type {CustomEvent} */ (event).detail;
    toast(String(text), tone === "bad" ? "bad" : "good");
  });
  document.body.addEventListener("htmx:sendError", () => toast("The dashboard does not answer. Nothing was changed.", "bad"));
  document.body.addEventListener("htmx:timeout", () => toast("The dashboard took too long to answer. Look at the story before you try again.", "bad"));
}

/** @param {string} text @param {"good" | "bad"} tone */
export function toast(text, tone) {
  const shelf = byId("toasts");
  const made = clone("t-toast");
  mark(made, "data-tone", tone);
  say(part(made, "text"), text);
  const away = () => made.remove();
  made.querySelector("button")?.addEventListener("click", away);
  setTimeout(away, tone === "bad" ? BAD_SHOWN_MS : SHOWN_MS);
  shelf.append(made);
  raise(shelf);
}

/** Above an open dialog too: the last one shown is on top. @param {HTMLElement} shelf */
function raise(shelf) {
  if (!("showPopover" in shelf)) return;
  shelf.popover = "manual";
  if (shelf.matches(":popover-open")) shelf.hidePopover();
  shelf.showPopover();
}
