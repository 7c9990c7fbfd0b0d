// @ts-check
/** The colours and fonts of the style sheet, for what is drawn on a canvas. Read again when light and dark change. */

const NAMES = ["ink", "ink-2", "ink-3", "line", "line-strong", "card", "load", "load-soft", "load-ink", "rps", "cpu", "cpu-soft",
  "latency", "replicas", "replicas-soft", "replicas-ink", "alarm", "alarm-ink", "run-1", "run-2", "run-3", "run-4", "font"];

/** @type {Record<string, string>} */
let values = {};

/** @param {string} name without the leading dashes */
export function token(name) {
  if (!values.ink) read();
  return values[name] ?? "";
}

/** @param {() => void} tell called after the colours changed */
export function onTokens(tell) {
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
    matchMedia(query).addEventListener("change", () => {
      read();
      tell();
    });
  }
}

function read() {
  const style = getComputedStyle(document.documentElement);
  values = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}
