// @ts-check
/** The chosen autoscaler as it is now: gauge, state, sentence, sum, what is waited for, what it rests on. */

import { byId, part, say } from "./dom.js";
import { focusHpa } from "./focus.js";
import { CONFIDENCE, NOTHING_YET, paintEvidence, paintMetrics, paintState, paintSum, paintWaits, sourceOf, waitsOf } from "./scaling_explained.js";
import { gaugeOf, paintGauge } from "./scaling_gauge.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** @param {State} state */
export function showNow(state) {
  /** @type {Row | undefined} */
  let row;
  state.subscribe(["why", "hpas"], () => {
    row = state.row("why", focusHpa(state)?.uid ?? "");
    paint(row);
    tick(row, state);
  });
  setInterval(() => {
    if (!document.hidden && state.known) tick(row, state);
  }, 1000);
}

/** @param {Row | undefined} row */
function paint(row) {
  const card = byId("now");
  const gauge = gaugeOf(row?.gauge);
  paintGauge(card, gauge);
  say(part(card, "gauge_target"), gauge.target);
  say(part(card, "gauge_ratio"), gauge.ratio);
  paintState(card, row);
  say(part(card, "sentence"), row?.sentence ?? NOTHING_YET);
  const advice = part(card, "advice");
  advice.hidden = !row?.advice;
  say(advice, row?.advice ?? "");
  paintSumCard(row);
  const proofs = byId("evidence");
  part(proofs, "no_evidence").hidden = Boolean(row?.evidence?.length);
  for (const name of ["metrics_title", "metrics_box"]) part(proofs, name).hidden = !row?.metrics?.length;
  paintMetrics(part(proofs, "metrics"), row?.metrics);
}

/** @param {Row | undefined} row */
function paintSumCard(row) {
  const card = byId("sum");
  paintSum(part(card, "sum"), row?.sum);
  part(card, "no_sum").hidden = Boolean(row?.sum?.length);
  part(card, "confidence_line").hidden = !row?.confidence;
  say(part(card, "confidence"), row?.confidence ?? "");
  say(part(card, "confidence_text"), CONFIDENCE[row?.confidence ?? ""] ?? "");
}

/** What changes with time alone. @param {Row | undefined} row @param {State} state */
function tick(row, state) {
  paintWaits(part(byId("now"), "countdowns"), waitsOf(row, state));
  paintEvidence(part(byId("evidence"), "evidence"), row?.evidence, state.now());
  say(part(byId("sum"), "source"), sourceOf(row, state.now()));
}
