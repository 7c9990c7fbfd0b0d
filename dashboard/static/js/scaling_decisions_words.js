// @ts-check
/** One decision in words; web/scaling/telling.py says the same first. */

import { number } from "./format.js";

/** @typedef {import("./state.js").Row} Row */

/** @type {Record<string, string>} */
const WHO = { hpa: "the HPA", person: "a person", other: "somebody else" };

export const AFTERWARDS = "Inferred: it was before this dashboard started. Events still tell of it; the figures of its sum are gone.";

/** Whether nobody watched when it happened, and it is known by what the API kept of it. @param {Row} row */
export function isToldAfterwards(row) {
  return row.confidence === "inferred" && row.before !== row.after && (row.sum ?? null) === null;
}

/** Whether a decision is of this autoscaler, an older one of the same name included. @param {Row} row @param {Row} hpa */
export function isOf(row, hpa) {
  return row.hpa?.namespace === hpa.namespace && row.hpa?.name === hpa.name;
}

/** "1 → 3", or "at 3" where only the reason changed. @param {Row} row */
export function changeOf(row) {
  return row.before === row.after ? `at ${number(row.after)}` : `${number(row.before)} → ${number(row.after)}`;
}

/** Who changed it, by the name of the field's manager. @param {Row} row */
export function whoOf(row) {
  const by = String(row.by ?? "other");
  if (by === "hpa" || !row.manager) return WHO[by] ?? by;
  return by === "person" ? `a person, with ${row.manager}` : String(row.manager);
}

/** The figures of that moment; without a target it was not CPU that it scaled by. @param {Row} row */
export function cpuOf(row) {
  const target = typeof row.cpu_target === "number" ? `, target ${number(row.cpu_target)} %` : "";
  if (typeof row.cpu_percent === "number") return `CPU ${number(row.cpu_percent)} % of the request${target}.`;
  return target && `CPU was not known${target}.`;
}
