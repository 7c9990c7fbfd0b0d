// @ts-check
/** The gauge of an HPA: the target is at the top of the arc, what is not known is an empty arc; web/scaling/gauge.py says the same first. */

import { mark, part, say } from "./dom.js";
import { number, UNKNOWN } from "./format.js";

/** Percent of the target at which the arc is full. */
const FULL = 200;

/** @typedef {{current_percent?: number | null, target_percent?: number | null, name?: string, current?: string | null, target?: string | null, ratio?: number | null}} Figures */

/** A metric that is no share of requests has its figures in words only, and their ratio. @param {Figures | null | undefined} row */
export function gaugeOf(row) {
  const name = row?.name || "CPU";
  const ratio = ratioOf(row);
  const percent = row?.current_percent ?? null;
  const current = percent === null ? row?.current || null : `${number(percent)} %`;
  const target = row?.target_percent ? `${number(row.target_percent)} %` : row?.target;
  const aim = target ? `target ${target}` : "no target";
  const said = current === null ? `${name} is not known, ${aim}` : `${name} ${current}${percent === null ? "" : " of the request"}, ${aim}`;
  return {
    known: ratio !== null,
    at: ratio === null ? 0 : Math.max(0, Math.min(FULL, Math.round(1000 * ratio) / 10)),
    over: ratio !== null && 100 * ratio > FULL,
    current: current ?? UNKNOWN,
    target: aim,
    ratio: current === null ? `${name} not known` : ratio === null ? "" : `${times(ratio)} × target`,
    text: ratio === null || current === null ? said : `${said}: ${times(ratio)} times the target`,
  };
}

/** @param {Figures | null | undefined} row @returns {number | null} */
function ratioOf(row) {
  const current = row?.current_percent ?? null;
  const target = row?.target_percent ?? null;
  if (current !== null && target) return current / target;
  return current === null && target === null ? (row?.ratio ?? null) : null;
}

const hundredths = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** "1.08"; a dash for what is not known. @param {number | null | undefined} value */
export function times(value) {
  return typeof value === "number" ? hundredths.format(value) : UNKNOWN;
}

/** @param {ParentNode} root that holds a gauge @param {ReturnType<typeof gaugeOf>} gauge */
export function paintGauge(root, gauge) {
  const box = part(root, "gauge");
  mark(box, "aria-label", gauge.text);
  mark(box, "data-unknown", gauge.known ? null : "");
  mark(box, "data-over", gauge.over ? "" : null);
  const value = box.querySelector(".gauge-value");
  if (value) mark(value, "stroke-dasharray", `${gauge.at} 400`);
  say(part(box, "gauge_current"), gauge.current);
}
