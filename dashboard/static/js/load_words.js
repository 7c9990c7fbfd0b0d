// @ts-check
/** Numbers, times and states of swarms as the Load page words them; web/load/words.py says the same on the first paint. */

import { millis, number, UNKNOWN } from "./format.js";

/** @typedef {import("./state.js").Row} Row */

export const ACTIVE = ["starting", "running", "stopping"];
export const OVER = ["stopped", "failed"];
/** @type {Record<string, string>} */
export const STATES = { none: "no swarm", starting: "starting", running: "running", stopping: "stopping", stopped: "ended", failed: "failed" };
/** @type {Record<string, string>} */
export const TONES = { starting: "starting", running: "good", stopping: "starting", stopped: "waiting", failed: "failed" };
/** @type {Record<string, string>} */
export const WORKER_STATES = { missing: "lost", ready: "waiting", spawning: "climbing", cleanup: "ending" };

/** `0`, `45 s`, `3 min`, `2 min 15 s`. @param {number} seconds */
export function lasting(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole === 0) return "0";
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  if (!minutes) return `${rest} s`;
  return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/** @param {number} count @param {string} one */
export function many(count, one) {
  return `${number(count)} ${count === 1 ? one : `${one}s`}`;
}

/** @param {number | null | undefined} value @param {number} [digits] */
export function percent(value, digits = 0) {
  const text = number(value, digits);
  return text === UNKNOWN ? text : `${text} %`;
}

/** @param {number | null | undefined} failures @param {number | null | undefined} requests */
export function ofRequests(failures, requests) {
  return typeof failures === "number" && requests ? percent((100 * failures) / requests, 1) : UNKNOWN;
}

/** @param {unknown} text */
export function sentenceOf(text) {
  const said = String(text).trim();
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

/** Seconds until the swarm ends by itself; null while that is not known. @param {Row} row @param {number} now ms */
export function left(row, now) {
  const end = millis(row.ends_at);
  return end !== null && row.state === "running" ? Math.max(0, (end - now) / 1000) : null;
}

/** Seconds that the swarm was to last. @param {Row} row */
export function length(row) {
  if (typeof row.duration_s === "number") return row.duration_s;
  const start = millis(row.started_at);
  const end = millis(row.ends_at);
  return start !== null && end !== null && end > start ? (end - start) / 1000 : null;
}

/** A list of rows in the row; an older master may tell a number instead, or nothing. @param {Row} row @param {string} field @returns {Row[]} */
export function rowsOf(row, field) {
  return Array.isArray(row[field]) ? row[field].filter((/** @type {unknown} */ each) => each && typeof each === "object") : [];
}

/** @param {number | null | undefined} value */
export function fill(value) {
  return typeof value === "number" ? String(Math.max(0, Math.min(100, Math.round(value)))) : "0";
}

