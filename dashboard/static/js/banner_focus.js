// @ts-check
/** Keeps the place of whoever works by keyboard when a banner's button goes off, or the banner goes away under them. */

/** What is to be called after each painting of `banner`. @param {HTMLElement} banner @returns {() => void} */
export function focusKeeper(banner) {
  let held = false;
  document.addEventListener("focusin", (event) => {
    held = event.target instanceof Node && banner.contains(event.target);
  });
  return () => {
    const at = document.activeElement;
    if (!held || (at !== document.body && !(banner.hidden && banner.contains(at)))) return;
    const place = (banner.hidden ? null : banner.querySelector("a")) ?? document.querySelector("main[tabindex]");
    if (place instanceof HTMLElement) place.focus({ preventScroll: true });
  };
}
