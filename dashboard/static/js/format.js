// @ts-check
/** Numbers and times as people read them. An unknown value is a dash, never a zero. */

export const UNKNOWN = "–";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** @param {number | null | undefined} value @param {number} [digits] 0 or 1 */
export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return UNKNOWN;
  return (digits ? tenths : whole).format(value);
}

/** HH:MM:SS in this browser's time zone. @param {string | number | null | undefined} moment ISO text or ms */
export function clock(moment) {
  if (moment === null || moment === undefined || moment === "") return UNKNOWN;
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? UNKNOWN : clockFormat.format(date);
}

/** @param {string | null | undefined} iso @returns {number | null} ms */
export function millis(iso) {
  if (!iso) return null;
  const value = Date.parse(iso);
  return Number.isNaN(value) ? null : value;
}

/** "4 s", "3 min", "2 h". @param {number} seconds */
export function span(seconds) {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** @param {number} bytes */
export function mebibytes(bytes) {
  return `${Math.round(bytes / 1048576)} Mi`;
}

/** As Python's rounding does, so that both paints agree. @param {number} value */
export function roundEven(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 ? floor + 1 : floor;
}

const SERVICE_ACCOUNT = "system:serviceaccount:";

/** A person's name within a sentence, as web/person.py: short, and fenced off when it holds more than plain letters. @param {string} name */
export function named(name) {
  const parts = name.split(":");
  const short = name.startsWith(SERVICE_ACCOUNT) && parts.length === 4 ? parts[3] : name;
  return /^[\x00-\x7f]*$/.test(short) ? short : `\u2068${short}\u2069`;
}
