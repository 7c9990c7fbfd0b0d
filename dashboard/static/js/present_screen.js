// @ts-check
/** The whole screen, and the ways out of it. What can be pressed hides while nobody moves. */

import { byId, mark } from "./dom.js";

const STILL_MS = 4000;

export function showScreen() {
  const button = byId("full-screen");
  const back = /** @type {HTMLAnchorElement | null} */ (document.getElementById("present-back"));
  button.hidden = !document.fullscreenEnabled;
  const toggle = () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    done.catch(() => button.blur()); // the browser does not want to: the page stays as it is
  };
  button.addEventListener("click", toggle);
  document.addEventListener("fullscreenchange", () => {
    button.textContent = document.fullscreenElement ? "Leave full screen" : "Full screen";
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    // While the screen is full, Escape is the browser's own way out of that.
    if (event.key === "Escape" && back && !document.fullscreenElement) location.assign(back.href);
    if (event.key.toLowerCase() === "f" && !button.hidden) toggle();
  });
  hideWhenStill();
}

function hideWhenStill() {
  let timer = 0;
  const moved = () => {
    mark(document.body, "data-still", null);
    clearTimeout(timer);
    timer = window.setTimeout(() => mark(document.body, "data-still", ""), STILL_MS);
  };
  for (const name of ["pointermove", "pointerdown", "keydown", "focusin"]) document.addEventListener(name, moved, { passive: true });
  moved();
}
