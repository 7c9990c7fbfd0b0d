// @ts-check
/** The colours and fonts of the style sheet, for what is drawn on a canvas. Read again when light and dark change. */

const NAMES = ["ink", "ink-2", "ink-3", "line", "line-strong", "card", "load", "load-soft", "load-ink", "rps", "cpu", "cpu-soft",
  "latency", "replicas", "replicas-soft", "replicas-ink", "alarm", "alarm-ink", "run-1", "run-2", "run-3", "run-4", "font"];

/** @type {Record<string, string>} */
let values = {};
let typeSize = 0;

/** How much larger than usual the page's type is; what is drawn goes with it. */
export function typeScale() {
  if (!typeSize) measureType();
  return typeSize;
}

/** Look again how large the type is. @returns {boolean} whether it has changed */
export function measureType() {
  const before = typeSize;
  typeSize = Math.max(0.5, Math.min(4, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1));
  return typeSize !== before;
}

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
