// @ts-check
/** The tide of a recorded run: the same chart, cursor, zoom and table as live; its ranges are parts of the run. */

import { byId, mark } from "./dom.js";
import { millis } from "./format.js";
import { StillRun } from "./run_still.js";
import { Tide } from "./tide.js";
import { onTokens } from "./tokens.js";

const AROUND_S = 10;

export class RunTide extends Tide {
  /** @param {StillRun} still */
  constructor(still) {
    super(/** @type {any} */ (still));
    this.still = still;
    this.range = "all";
    onTokens(() => this.paint());
    this.paint();
  }

  /** @param {StillRun} still more of the same run */
  replace(still) {
    this.still = still;
    this.state = /** @type {any} */ (still);
    this.paint();
  }

  window() {
    const { run } = this.still;
    const whole = { min: (run.samples?.[0]?.t ?? 0) / 1000, max: Math.max(this.still.now() / 1000, (run.samples?.[0]?.t ?? 0) / 1000 + 10) };
    const from = secondsOf(run.load_at) ?? whole.min;
    const to = secondsOf(run.stopped_at) ?? whole.max;
    if (this.range === "load") return { min: Math.max(whole.min, from - AROUND_S), max: Math.min(whole.max, to + AROUND_S) };
    if (this.range === "after" && to < whole.max) return { min: Math.max(whole.min, to - AROUND_S), max: whole.max };
    return whole;
  }

  /** Move the cursor to a moment. @param {number} t seconds */
  show(t) {
    if (t < this.shown.min || t > this.shown.max) this.setZoom(null);
    this.hold(this.nearest(t));
  }

  /** The words stand on the page already; what does not change is not announced. */
  speak() {
    mark(byId("tide-plot"), "aria-label", byId("run-words").textContent);
  }
}

/** @param {string | null | undefined} iso */
function secondsOf(iso) {
  const at = millis(iso);
  return at === null ? null : at / 1000;
}

/** Draw it in place of the picture that came with the page. @param {import("./state.js").Row} run @returns {RunTide | null} */
export function showRunTide(run) {
  if (!run.samples?.length) return null;
  byId("tide").dataset.alive = "";
  byId("tide-tools").hidden = false;
  return new RunTide(new StillRun(run));
}
