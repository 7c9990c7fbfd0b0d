// @ts-check
/** What a run's page and its report have in common: the chart, its picture, the steps. */

import { byId } from "./dom.js";
import { wirePng } from "./run_png.js";
import { wirePrint, wireQuiet, wireSteps } from "./run_steps.js";
import { showRunTide } from "./run_tide.js";

/** @param {import("./state.js").Row} run the run's document */
export function showParts(run) {
  const tide = showRunTide(run);
  const { file = "run", title = "" } = byId("run").dataset;
  if (tide) wirePng(tide, { title, words: byId("run-words").textContent ?? "", file });
  wireSteps(tide);
  wireQuiet();
  wirePrint();
  return tide;
}
