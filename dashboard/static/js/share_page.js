// @ts-check
/** Wires the share links' page together: copying the new link, and times in the reader's own zone. */

import { byId } from "./dom.js";
import { startPage } from "./page.js";
import { startEach } from "./starting.js";
import { dayClock } from "./story_lines.js";

const SAID_MS = 2000;

/** The new link is chosen, so that one key copies it; with the clipboard at hand a button does. */
function wireCopying() {
  const link = /** @type {HTMLInputElement | null} */ (document.getElementById("made-url"));
  if (!link) return;
  link.focus();
  link.select();
  if (!navigator.clipboard) return;
  const button = byId("copy-link");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(link.value);
      button.textContent = "Copied";
    } catch {
      link.select(); // not allowed: it can still be copied by hand
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => (button.textContent = "Copy"), SAID_MS);
  });
}

function ownZone() {
  for (const time of document.querySelectorAll("time[data-day]")) time.textContent = dayClock(time.getAttribute("datetime") ?? "");
}

startPage();
startEach([wireCopying, ownZone]);
