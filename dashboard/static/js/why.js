// @ts-check
/** Why the autoscaler does what it does: a sentence, the sum, the countdown, how it is known. */

import { isDenied } from "./denied.js";
import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { millis, span } from "./format.js";
import { focusHpa } from "./focus.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** The autoscaler's own rhythm. */
const PERIOD_S = 15;
const OLD_MS = 4000;
const NOTHING_YET = "Once an autoscaler is deployed, this says what it does and why, with its own numbers.";
const UNSEEN = "What the autoscaler does cannot be seen.";

/** @param {State} state */
export function showWhy(state) {
  const root = byId("why");
  /** @type {Row | undefined} */
  let row;
  state.subscribe(["why", "hpas", "connection"], () => {
    const hpa = focusHpa(state);
    row = (hpa && state.row("why", hpa.uid)) ?? state.only("why");
    say(part(root, "sentence"), row?.sentence ?? (isDenied(state, "horizontalpodautoscalers") ? UNSEEN : NOTHING_YET));
    say(part(root, "confidence"), row?.confidence ?? "");
    matchChildren(part(root, "sum"), row?.sum ?? [], { key: (one) => one.label, make: () => clone("t-sum"), fill: fillSum });
    const advice = part(root, "advice");
    advice.hidden = !row?.advice;
    say(advice, row?.advice ?? "");
    tick(root, row, state);
  });
  setInterval(() => {
    if (!document.hidden) tick(root, row, state);
  }, 1000);
}

/** @param {HTMLElement} root @param {{label: string, value: unknown, deciding?: boolean}} one */
function fillSum(root, one) {
  say(part(root, "label"), one.label);
  say(part(root, "value"), String(one.value ?? "–"));
  mark(root, "data-deciding", one.deciding ? "" : null);
}

/** @param {HTMLElement} root @param {Row | undefined} row @param {State} state */
function tick(root, row, state) {
  const now = state.now();
  // A countdown on old news would be an invention.
  const next = now - state.knownUntil() > OLD_MS ? null : millis(row?.next_decision_at);
  const countdown = part(root, "countdown");
  countdown.hidden = next === null;
  const left = next === null ? 0 : (next - now) / 1000;
  const bar = countdown.querySelector("progress");
  if (bar) bar.value = Math.max(0, Math.min(PERIOD_S, PERIOD_S - left));
  say(part(root, "next"), next === null ? "" : left > 0 ? `next decision in ${span(left)}` : "deciding now");
  const measured = millis(row?.metrics_at);
  say(part(root, "source"), measured === null ? "" : `from metrics ${span((now - measured) / 1000)} old`);
}
