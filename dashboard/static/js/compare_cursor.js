// @ts-check
/** Moves one cursor over all plots of the comparison by keyboard. It must not know what the plots show. */

/**
 * @param {HTMLElement} shelf what has the focus
 * @param {() => number[]} shown the moments that are in sight, in order
 * @param {(t: number | null) => void} show puts the cursor there, or takes it away
 */
export function wireCursor(shelf, shown, show) {
  /** @type {number | null} */
  let held = null;
  const to = (/** @type {number | null} */ t) => {
    held = t;
    show(t);
  };
  shelf.addEventListener("keydown", (event) => {
    const times = shown();
    const last = times.length - 1;
    const next = target(event, held === null ? null : times.findIndex((one) => one >= Number(held)), last);
    if (event.key === "Escape") to(null);
    else if (next !== null && last >= 0) to(times[next]);
    else return;
    event.preventDefault();
  });
  shelf.addEventListener("blur", () => to(null));
  shelf.addEventListener("pointermove", () => { held = null; });
}

/** The place to go to. @param {KeyboardEvent} event @param {number | null} at -1: beyond the last @param {number} last @returns {number | null} */
function target(event, at, last) {
  const step = event.shiftKey ? 10 : 1;
  const from = at === null ? -1 : at < 0 ? last : at;
  const wanted = { ArrowLeft: from - step, ArrowDown: from - step, ArrowRight: from + step, ArrowUp: from + step, Home: 0, End: last }[event.key];
  return wanted === undefined ? null : Math.max(0, Math.min(last, wanted));
}
