// @ts-check
/** Wires the modules of the Scaling page together. It knows all of them; none of them knows it. */

import { startPage } from "./page.js";
import { showPipeline } from "./pipeline.js";
import { showDecisions } from "./scaling_decisions.js";
import { showList } from "./scaling_list.js";
import { showNow } from "./scaling_now.js";
import { startTide } from "./scaling_tide.js";
import { wireWhatIf } from "./scaling_what_if.js";
import { startEach, withState } from "./starting.js";

const state = startPage();

startEach([
  ...withState([showList, showNow, wireWhatIf], state),
  function pipeline() { if (document.getElementById("pipeline")) showPipeline(state); },
  function history() {
    let tide = null;
    try {
      tide = startTide(state);
    } finally {
      showDecisions(state, tide); // without a chart the decisions are still there to be read
    }
  },
]);
