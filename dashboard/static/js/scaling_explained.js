// @ts-check
/**
 * One row of the view `why` in words, for the Scaling page and the Stage's card; web/scaling/telling.py says the same first.
 * Each painter fills one part that has been prepared for it.
 */

import { clone, mark, matchChildren, part, say } from "./dom.js";
import { millis, number, span, UNKNOWN } from "./format.js";
import { times } from "./scaling_gauge.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

export const NOTHING_YET = "Once an autoscaler is deployed, this says what it does and why, with its own numbers.";
/** @type {Record<string, string>} */
export const CONFIDENCE = {
  seen: "The API says so itself: in a condition, an Event or the object's status.",
  computed: "Worked out again here by the documented algorithm, from the figures that the HPA reported.",
  inferred: "Nothing in the API says so; of all that would explain what was seen, this fits.",
};
/** The autoscaler's own rhythm, for the bar below a countdown to its next look. */
const EVERY_S = 15;
const OLD_MS = 4000;
/** What a step of the sum says that changed nothing; scaling/algorithm/working.py has the words. */
const IDLE = new Set(["holds nothing", "no change to limit"]);

/** The state for people. @param {Row | undefined} row */
export function wordOf(row) {
  return String(row?.word ?? String(row?.state ?? "unknown").replaceAll("_", " "));
}

/** Colour, word and shape. @param {ParentNode} root @param {Row | undefined} row */
export function paintState(root, row) {
  const sign = part(root, "state");
  mark(sign, "data-tone", String(row?.tone ?? "unknown"));
  say(part(sign, "word"), wordOf(row));
}

/** `short` leaves out the steps that changed nothing. @param {Element} list @param {Row[] | undefined} steps @param {{template?: string, short?: boolean}} [how] */
export function paintSum(list, steps, { template = "t-step", short = false } = {}) {
  const numbered = (steps ?? [])
    .map((step, place) => ({ step, place }))
    .filter(({ step }) => !short || step.deciding || !IDLE.has(String(step.value)));
  matchChildren(list, numbered, {
    key: (each) => String(each.place),
    make: () => clone(template),
    fill: (made, { step }) => {
      say(part(made, "label"), String(step.label ?? ""));
      say(part(made, "value"), String(step.value ?? UNKNOWN));
      mark(made, "data-deciding", step.deciding ? "" : null);
    },
  });
}

/** What is waited for. Nothing on old news: a countdown would be an invention. @param {Row | undefined} row @param {State} state */
export function waitsOf(row, state) {
  const now = state.now();
  if (!row || now - state.knownUntil() > OLD_MS) return [];
  const known = row.countdowns ?? [];
  const rows = known.length || !row.next_decision_at ? known : [{ kind: "sync", text: "next decision", ends_at: row.next_decision_at }];
  return rows.flatMap((/** @type {Row} */ each) => {
    const ends = millis(each.ends_at);
    const left = ends === null ? null : (ends - now) / 1000;
    if (left === null || (left <= 0 && each.kind !== "sync")) return [];
    const length = each.length_s || (each.kind === "sync" ? EVERY_S : null);
    return [{ key: `${each.kind} ${each.text}`, kind: String(each.kind), text: String(each.text ?? ""), left, length }];
  });
}

/** @param {Element} list @param {ReturnType<typeof waitsOf>} waits */
export function paintWaits(list, waits) {
  matchChildren(list, waits, {
    key: (each) => each.key,
    make: () => clone("t-wait"),
    fill: (made, each) => {
      mark(made, "data-kind", each.kind);
      say(part(made, "text"), each.text);
      say(part(made, "left"), each.left > 0 ? `in ${span(each.left)}` : "now");
      const bar = made.querySelector("progress");
      if (!bar) return;
      bar.hidden = !each.length;
      bar.max = each.length || 1;
      bar.value = each.length ? Math.max(0, Math.min(each.length, each.length - each.left)) : 0;
    },
  });
}

/** @param {Element} list @param {Row[] | undefined} rows @param {number} now ms */
export function paintEvidence(list, rows, now) {
  const numbered = (rows ?? []).map((row, place) => ({ row, place }));
  matchChildren(list, numbered, {
    key: ({ row, place }) => `${place} ${row.kind} ${row.name ?? ""}`,
    make: () => clone("t-proof"),
    fill: (made, { row }) => {
      const at = millis(row.at);
      say(part(made, "kind"), String(row.kind === "event" ? "Event" : (row.kind ?? "")));
      say(part(made, "name"), String(row.name ?? ""));
      say(part(made, "text"), String(row.text ?? ""));
      const age = part(made, "age");
      mark(age, "datetime", row.at ?? "");
      mark(age, "title", at === null ? "" : new Date(at).toLocaleString());
      say(age, at === null ? "" : `${span((now - at) / 1000)} ago`);
    },
  });
}

/** @param {Element} body @param {Row[] | undefined} rows */
export function paintMetrics(body, rows) {
  const numbered = (rows ?? []).map((row, place) => ({ row, place }));
  matchChildren(body, numbered, {
    key: ({ row, place }) => `${place} ${row.type} ${row.name}`,
    make: () => clone("t-metric"),
    fill: (made, { row }) => {
      mark(made, "data-left-out", row.computed ? null : "");
      say(part(made, "name"), String(row.name || UNKNOWN));
      say(part(made, "type"), String(row.type || UNKNOWN));
      say(part(made, "current"), figure(row.current));
      say(part(made, "target"), figure(row.target));
      say(part(made, "ratio"), times(row.ratio));
      say(part(made, "wants"), number(row.wants));
      say(part(made, "text"), String(row.text || (row.computed ? "" : "Not worked out here: only the HPA itself reads this metric.")));
    },
  });
}

/** @param {unknown} value */
function figure(value) {
  if (typeof value === "number") return number(value);
  return value === null || value === undefined || value === "" ? UNKNOWN : String(value);
}

/** How old the figures are. @param {Row | undefined} row @param {number} now ms */
export function sourceOf(row, now) {
  const measured = millis(row?.metrics_at);
  return measured === null ? "" : `from metrics ${span((now - measured) / 1000)} old`;
}
