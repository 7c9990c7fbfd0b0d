// @ts-check
/** The Deploy dialog of the Stage, the quick way: the choice of bundles, then what becomes of each object. */

import { ENDED, paintProgress, RUNNING, watchReading } from "./deploy_progress.js";
import { byId } from "./dom.js";

/** @param {import("./state.js").State} state */
export function showDeploy(state) {
  const dialog = document.getElementById("deploy-dialog");
  if (!dialog) return;
  const progress = byId("deploy-progress");
  const reading = watchReading(byId("deploy-steps"));
  /** Whether to show the form although an older deploy has ended. */
  let choosing = true;
  const paint = () => {
    const row = state.row("deploy", "current");
    if (RUNNING.includes(row?.state)) choosing = false;
    byId("deploy-form").hidden = !choosing;
    progress.hidden = choosing;
    if (choosing || !row) return;
    paintProgress(progress, row, state, reading);
    byId("deploy-again").hidden = !ENDED.includes(row.state);
  };
  state.subscribe(["deploy", "workloads"], paint);
  document.body.addEventListener("deploy-started", () => {
    choosing = false;
    paint();
  });
  byId("deploy-again").addEventListener("click", () => {
    choosing = true;
    paint();
  });
  dialog.addEventListener("opening", () => {
    reading.over();
    // A deploy that failed is still the first thing to see; one that went well is history.
    choosing = ![...RUNNING, "failed"].includes(state.row("deploy", "current")?.state);
    paint();
  });
}
