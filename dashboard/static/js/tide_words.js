// @ts-check
/** The tide in words: the read-out at the cursor, the summary for those who do not see it, the table. */

import { element } from "./dom.js";
import { clock, number, UNKNOWN } from "./format.js";
import { valuesAt } from "./tide_data.js";

/** @typedef {import("./tide_data.js").Column} Column */
/** @typedef {import("./tide_flags.js").Flag} Flag */
/** @typedef {Record<string, number | null>} Values */

const ROWS_MAX = 120;
const HEADS = ["time", "load users", "requests/s", "p95, ms", "failed, %", "CPU, %", "target, %", "ready", "replicas", "what happened"];

/** @param {number | null} value @param {string} unit */
function withUnit(value, unit) {
  return value === null ? UNKNOWN : `${number(value)}${unit}`;
}

/** @param {Values} v */
function readyOf(v) {
  if (v.ready === null) return UNKNOWN;
  return v.replicas === null || v.replicas === v.ready ? number(v.ready) : `${number(v.ready)} of ${number(v.replicas)}`;
}

/** One line, for the slider's value. @param {number} t seconds @param {Values} v @param {Flag[]} near */
export function line(t, v, near) {
  const parts = [
    clock(1000 * t),
    `${number(v.users)} load users`,
    `${number(v.rps)} requests per second`,
    `p95 ${withUnit(v.p95_ms, " ms")}`,
    `CPU ${withUnit(v.cpu_percent, " %")}`,
    `${readyOf(v)} ready`,
    ...near.map((flag) => flag.sentence),
  ];
  return parts.join(", ");
}

/** @param {HTMLElement} box @param {number} t seconds @param {Values} v @param {Flag[]} near */
export function fillReadout(box, t, v, near) {
  const list = document.createElement("dl");
  /** @type {[string, string, string][]} */
  const rows = [
    ["load", "load users", number(v.users)],
    ["rps", "requests", withUnit(v.rps, "/s")],
    ["", "p95", withUnit(v.p95_ms, " ms")],
    ["", "failed", v.failed_percent === null ? UNKNOWN : `${number(v.failed_percent, 1)} %`],
    ["cpu", "CPU", withUnit(v.cpu_percent, " %")],
    ["replicas", "ready", readyOf(v)],
  ];
  for (const [key, label, value] of rows) {
    const term = element("dt", "");
    term.append(element("i", "", key ? `key key-${key}` : "key"), label);
    list.append(term, element("dd", value));
  }
  box.replaceChildren(element("h3", clock(1000 * t)), list, ...near.slice(0, 3).map((flag) => element("p", flag.sentence)));
}

/** The newest state as sentences. @param {Column[]} data @param {Flag[]} all */
export function summary(data, all) {
  const last = data[0].length - 1;
  if (last < 0) return "No samples yet.";
  const v = valuesAt(data, last);
  const flag = all.at(-1);
  const target = v.cpu_target === null ? "" : `, target ${number(v.cpu_target)} %`;
  return (
    `As of ${clock(1000 * (data[0][last] ?? 0))}: ${number(v.users)} load users, ${number(v.rps)} requests per second, ` +
    `p95 ${withUnit(v.p95_ms, " ms")}, CPU ${withUnit(v.cpu_percent, " %")} of request${target}, replicas ready: ${readyOf(v)}.` +
    (flag ? ` Last: ${flag.sentence} at ${clock(1000 * flag.t)}.` : "")
  );
}

/** @param {HTMLElement} box @param {Column[]} data @param {Flag[]} all @param {{min: number, max: number}} shown */
export function fillTable(box, data, all, shown) {
  const indices = data[0].map((_, i) => i).filter((i) => (data[0][i] ?? 0) >= shown.min && (data[0][i] ?? 0) <= shown.max);
  const step = Math.max(1, Math.ceil(indices.length / ROWS_MAX));
  const table = document.createElement("table");
  table.append(element("caption", "The tide as a table, newest first", "hidden-words"));
  const head = table.createTHead().insertRow();
  for (const text of HEADS) {
    const cell = element("th", text);
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  const body = table.createTBody();
  const kept = indices.filter((_, i) => (indices.length - 1 - i) % step === 0).reverse();
  kept.forEach((index, i) => {
    const t = data[0][index] ?? 0;
    const older = data[0][kept[i + 1]] ?? shown.min;
    const happened = all.filter((flag) => flag.t <= t && flag.t > older).map((flag) => flag.text);
    addRow(body, t, valuesAt(data, index), happened.join(", "));
  });
  box.replaceChildren(table);
}

/** @param {HTMLTableSectionElement} body @param {number} t @param {Values} v @param {string} happened */
function addRow(body, t, v, happened) {
  const row = body.insertRow();
  const texts = [clock(1000 * t), number(v.users), number(v.rps), number(v.p95_ms), number(v.failed_percent, 1), number(v.cpu_percent), number(v.cpu_target), number(v.ready), number(v.replicas)];
  for (const text of texts) row.insertCell().textContent = text;
  row.append(element("td", happened, "flag"));
}
