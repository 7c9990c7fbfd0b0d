// @ts-check
/** Samples as columns for the chart. A gap in time becomes a gap in the lines: nothing is bridged, nothing is zero. */

/** @typedef {import("./state.js").Row} Row */
/** @typedef {(number | null)[]} Column */

/** Columns after the time, in this order. */
export const FIELDS = ["users", "rps", "p95_ms", "cpu_percent", "cpu_target", "failed_percent", "ready", "replicas"];
/** Samples come every second; a late one is no gap. */
const GAP_MS = 3500;

/**
 * @param {import("./state.js").Rows} rows
 * @returns {Column[]} seconds, then one column a field
 */
export function columns(rows) {
  const samples = [...rows.values()].sort((a, b) => a.t - b.t);
  /** @type {Column[]} */
  const made = [[], ...FIELDS.map(() => /** @type {Column} */ ([]))];
  let before = NaN;
  for (const sample of samples) {
    if (sample.t - before > GAP_MS) push(made, before + 1000, null);
    push(made, sample.t, sample);
    before = sample.t;
  }
  return made;
}

/** @param {Column[]} made @param {number} t @param {Row | null} sample */
function push(made, t, sample) {
  made[0].push(t / 1000);
  FIELDS.forEach((field, i) => made[i + 1].push(typeof sample?.[field] === "number" ? sample[field] : null));
}

/** The values at one index by field. @param {Column[]} data @param {number} index @returns {Record<string, number | null>} */
export function valuesAt(data, index) {
  return Object.fromEntries(FIELDS.map((field, i) => [field, data[i + 1][index] ?? null]));
}

/** A round number at or above the highest value, so that the axis has a readable top. @param {number | null} highest @param {number} least */
export function roundUp(highest, least) {
  const value = Math.max(highest ?? 0, least);
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) {
    if (step * power >= value) return Math.round(step * power);
  }
  return 10 * power;
}

/** The span of time to show, in seconds. @param {string} range @param {{now: number, first: number | null, runFrom: number | null, runTo: number | null}} known */
export function windowOf(range, { now, first, runFrom, runTo }) {
  if (range === "run" && runFrom !== null) {
    const to = Math.min(now, (runTo ?? now) + 90);
    return { min: runFrom - 15, max: Math.max(to, runFrom + 60) };
  }
  const length = range === "run" ? 300 : Number(range);
  if (length > 300 && first !== null && now - first < length) return { min: Math.min(first, now - 300), max: now };
  return { min: now - length, max: now };
}
