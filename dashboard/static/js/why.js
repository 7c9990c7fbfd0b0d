// @ts-check
/** Why the autoscaler does what it does, on the Stage: gauge, state, sentence, sum, what is waited for; the rest is on the Scaling page. */

import { isDenied } from "./denied.js";
import { byId, mark, part, say } from "./dom.js";
import { focusHpa } from "./focus.js";
import { CONFIDENCE, NOTHING_YET, paintEvidence, paintState, paintSum, paintWaits, sourceOf, waitsOf } from "./scaling_explained.js";
import { gaugeOf, paintGauge } from "./scaling_gauge.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const UNSEEN = "What the autoscaler does cannot be seen.";

/** @param {State} state */
export function showWhy(state) {
  const root = byId("why");
  /** @type {Row | undefined} */
  let row;
  state.subscribe(["why", "hpas", "connection"], () => {
    const hpa = focusHpa(state);
    row = (hpa && state.row("why", hpa.uid)) ?? state.only("why");
    paintGauge(root, gaugeOf(row?.gauge));
    part(root, "state_line").hidden = !row;
    paintState(root, row);
    const confidence = part(root, "confidence");
    say(confidence, row?.confidence ?? "");
    mark(confidence, "title", CONFIDENCE[row?.confidence ?? ""] ?? "");
    say(part(root, "sentence"), row?.sentence ?? (isDenied(state, "horizontalpodautoscalers") ? UNSEEN : NOTHING_YET));
    paintSum(part(root, "sum"), row?.sum, { template: "t-sum", short: true });
    const advice = part(root, "advice");
    advice.hidden = !row?.advice;
    say(advice, row?.advice ?? "");
    part(root, "fold").hidden = !row?.evidence?.length;
    tick(root, row, state);
  });
  setInterval(() => {
    if (!document.hidden && state.known) tick(root, row, state);
  }, 1000);
}

/** What changes with time alone. @param {HTMLElement} root @param {Row | undefined} row @param {State} state */
function tick(root, row, state) {
  paintWaits(part(root, "countdowns"), waitsOf(row, state));
  paintEvidence(part(root, "evidence"), row?.evidence, state.now());
  const source = sourceOf(row, state.now());
  say(part(root, "source"), source ? `, ${source}` : "");
}
