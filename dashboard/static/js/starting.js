// @ts-check
/** Starts the parts of a page each by itself: one that fails is told, and the others go on. Knows none of them. */

/** @param {Iterable<() => unknown>} parts */
export function startEach(parts) {
  for (const start of parts) {
    try {
      Promise.resolve(start()).catch((error) => tell(start.name, error));
    } catch (error) {
      tell(start.name, error);
    }
  }
}

/**
 * Parts that listen to the state, ready to be started; they keep their names.
 * @template S
 * @param {((state: S) => unknown)[]} parts @param {S} state @returns {(() => unknown)[]}
 */
export function withState(parts, state) {
  return parts.map((part) => Object.defineProperty(() => part(state), "name", { value: part.name }));
}

/** In the console for whoever mends it, on the page for whoever waits. @param {string} name @param {unknown} error */
function tell(name, error) {
  console.error(`Part ${name || "of the page"} did not start.`, error);
  if (document.getElementById("not-started")) return;
  const notice = document.createElement("div");
  notice.id = "not-started";
  notice.className = "notice";
  notice.dataset.tone = "down";
  notice.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = "A part of this page did not start, so some of it may not work. Reload the page.";
  notice.append(words);
  const main = document.querySelector("main");
  if (main) main.before(notice);
  else document.body.prepend(notice);
}
