// @ts-check
/** The search for the ceiling: the steps so far, as the samples show them, and what was found; web/load/ceiling.py says the same first. */

import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { millis, number } from "./format.js";
import { many } from "./load_words.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** A number of load users that was held for fewer seconds was only passed through. */
const STEP_S = 6;
const STEPS_SHOWN = 24;

/** @param {State} state */
export function showCeiling(state) {
  state.subscribe(["swarm", "samples"], () => {
    const row = state.row("swarm", "current");
    const root = byId("search");
    root.hidden = row?.profile !== "ceiling";
    if (!row || root.hidden) return;
    const words = part(root, "sentence");
    say(words, sentence(row));
    mark(words, "data-found", row.ceiling ? "" : null);
    const steps = stepsOf(row, during(row, state));
    part(root, "box").hidden = steps.length === 0;
    matchChildren(part(root, "rows"), steps, {
      key: (each) => each.key,
      make: () => clone("t-level"),
      fill: (made, each) => {
        mark(made, "data-tone", each.over ? "trouble" : "good");
        say(part(made, "users"), number(each.users));
        say(part(made, "rps"), number(each.rps, 1));
        say(part(made, "p95"), number(each.p95));
        say(part(made, "failed"), number(each.failed, 1));
        say(part(made, "word"), each.over ? "over a limit" : "within the limits");
      },
    });
  });
}

/** @param {Row} row */
function sentence(row) {
  const found = row.ceiling;
  if (!found) {
    return ["starting", "running"].includes(row.state)
      ? "More load users at a time, until p95 or failures pass their limit."
      : "The swarm ended before a ceiling was found.";
  }
  if (!found.rps) return `Even the least load was too much: ${found.limited_by}.`;
  const sure = found.confirmed ? "It held when it was tried again." : "There was no time to try it again.";
  return `${number(found.rps, 1)} requests/s with ${many(found.users ?? 0, "load user")} at a p95 of ${number(found.p95_ms)} ms; limited by ${found.limited_by}. ${sure}`;
}

/** Each number of load users that was held, newest last, with what came of it. @param {Row} row @param {Row[]} samples */
function stepsOf(row, samples) {
  /** @type {Row[][]} */
  const held = [];
  for (const sample of samples) {
    const last = held.at(-1);
    if (last && last[0].users === sample.users) last.push(sample);
    else held.push([sample]);
  }
  return held.filter((each) => each.length >= STEP_S && each[0].users).slice(-STEPS_SHOWN).map((each) => stepOf(row, each));
}

/** @param {Row} row @param {Row[]} samples */
function stepOf(row, samples) {
  const settled = samples.slice(-STEP_S); // the figures look back, so that the end of a step tells most of that step alone
  const p95 = median(known(settled, "p95_ms"));
  const failed = mean(known(settled, "failed_percent"));
  const over = isOver(p95, row.p95_limit_ms) || isOver(failed, row.failed_limit_percent);
  return { key: String(samples[0].t), users: samples[0].users, rps: mean(known(settled, "rps")), p95, failed, over };
}

/** @param {Row[]} samples @param {string} field @returns {number[]} */
function known(samples, field) {
  return samples.map((sample) => sample[field]).filter((value) => typeof value === "number");
}

/** @param {number[]} values */
function mean(values) {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}

/** @param {number[]} values */
function median(values) {
  if (!values.length) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {number | null} value @param {unknown} limit */
function isOver(value, limit) {
  return value !== null && typeof limit === "number" && value > limit;
}

/** @param {Row} row @param {State} state @returns {Row[]} */
function during(row, state) {
  const start = millis(row.started_at);
  if (start === null) return [];
  const end = millis(row.ends_at) ?? Infinity;
  return [...state.rows("samples").values()].filter((each) => each.t >= start && each.t <= end).sort((a, b) => a.t - b.t);
}
