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
    if (!held || (at !== document.body && !isOff(banner, at))) return;
    const place = (banner.hidden ? null : banner.querySelector("a")) ?? document.querySelector("main");
    if (!(place instanceof HTMLElement)) return;
    if (place.localName === "main") place.tabIndex = -1;
    place.focus({ preventScroll: true });
  };
}

/** A browser lets go of what is hidden or disabled only later. @param {HTMLElement} banner @param {Element | null} at */
function isOff(banner, at) {
  return banner.contains(at) && (banner.hidden || (at instanceof HTMLButtonElement && at.disabled));
}
