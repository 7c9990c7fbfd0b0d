// @ts-check
/** Wires the modules of the Deploy pages together; each finds its own part of the page, or nothing to do. */

import { showBundle, showBundles } from "./deploy_bundles.js";
import { wireChoice, wirePlan } from "./deploy_plan.js";
import { paintOccasion, paintProgress, RUNNING, watchReading } from "./deploy_progress.js";
import { localTimes } from "./deploy_words.js";
import { byId, mark, part } from "./dom.js";
import { startPage } from "./page.js";
import { showPipeline } from "./pipeline.js";
import { startEach, withState } from "./starting.js";

/** @param {import("./state.js").State} state */
function showProgress(state) {
  const root = document.getElementById("deploy-progress");
  if (!root) return;
  const reading = watchReading(byId("deploy-steps"));
  state.subscribe(["deploy", "workloads"], () => {
    const row = state.row("deploy", "current");
    root.hidden = !row || row.state === "idle" || !isAbout(row, root.dataset.about ?? "");
    const none = document.getElementById("progress-none");
    if (none) none.hidden = !root.hidden;
    if (!row) return;
    if (RUNNING.includes(row.state) && !RUNNING.includes(root.dataset.state ?? "")) reading.over();
    if (row.state !== root.dataset.state) /** @type {HTMLDetailsElement} */ (part(root, "fold")).open = row.state !== "done";
    mark(root, "data-state", row.state);
    paintProgress(root, row, state, reading);
    paintOccasion(root, row);
  });
}

/** What is over is told where it belongs; what goes on, everywhere. @param {import("./state.js").Row} row @param {string} bundle */
function isAbout(row, bundle) {
  return !bundle || RUNNING.includes(row.state) || (row.bundles ?? []).includes(bundle);
}

/** A part that was asked for is where the person wants to be. */
function wireParts() {
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const target = /** @type {CustomEvent} */ (event).detail.target;
    if (!(target instanceof HTMLElement)) return;
    localTimes(document);
    const taking = document.querySelector("[data-takes-focus]");
    if (taking instanceof HTMLElement) {
      delete taking.dataset.takesFocus;
      taking.focus({ preventScroll: true });
      taking.scrollIntoView({ block: "nearest" });
    }
  });
}

const state = startPage();
startEach([
  () => localTimes(document),
  ...withState([showProgress, showBundles, showBundle, showPipeline], state),
  wireChoice,
  wirePlan,
  wireParts,
]);
