// @ts-check
/** The tide of one autoscaler: CPU with its target and its replicas; its decisions are the flags. The cursor can be sent to a moment. */

import { byId, say } from "./dom.js";
import { focusHpa } from "./focus.js";
import { millis } from "./format.js";
import { isOf } from "./scaling_decisions_words.js";
import { Tide } from "./tide.js";
import { columns, FIELDS } from "./tide_data.js";
import { flags } from "./tide_flags.js";
import { onTokens } from "./tokens.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** Around a decision that lies outside of what is shown, seconds. */
const AROUND = { before: 90, after: 150 };
/** What else happened that moves replicas, told by flags of their own. */
const CONTEXT = ["swarm", "stop", "apply"];
/** Columns that belong to the autoscaler that is sampled, and to no other. */
const OWN = ["cpu_percent", "cpu_target", "ready", "replicas"];

export class ScalingTide extends Tide {
  /** @param {State} state */
  constructor(state) {
    super(state, ["cpu", "replicas"]);
    /** When the chosen decision was, seconds. @type {number | null} */
    this.marked = null;
  }

  columns() {
    const data = columns(this.state.rows("samples"));
    const sampled = isSampled(this.state);
    const note = byId("history-note");
    note.hidden = sampled;
    say(note, sampled ? "" : "CPU over time is kept for the app under load alone; of this autoscaler there are its replicas and its decisions.");
    return sampled ? data : data.map((column, i) => (i > 0 && OWN.includes(FIELDS[i - 1]) ? column.map(() => null) : column));
  }

  flagsShown() {
    const hpa = focusHpa(this.state);
    const around = flags(this.state.rows("flags")).filter((flag) => CONTEXT.includes(flag.kind));
    const own = [...this.state.rows("decisions").values()]
      .filter((row) => hpa && isOf(row, hpa) && row.before !== row.after)
      .map((row) => ({ t: (millis(row.t) ?? 0) / 1000, kind: row.by === "hpa" ? "scaled" : "by hand", text: `${row.before ?? "–"} → ${row.after}`, sentence: String(row.sentence ?? "") }));
    return [...around, ...own].sort((a, b) => a.t - b.t);
  }

  /** Move the cursor to a moment; false when the chart does not reach back to it. @param {number | null} t seconds */
  show(t) {
    const [first, last] = [this.data[0][0], this.data[0].at(-1)];
    this.marked = t;
    if (t === null || first === undefined || first === null || t < first || t > (last ?? t) + AROUND.after) {
      this.hold(null);
      return t === null;
    }
    if (t < this.shown.min || t > this.shown.max) this.setZoom({ min: t - AROUND.before, max: t + AROUND.after });
    this.hold(this.nearest(t));
    return true;
  }
}

/** Samples are taken of one autoscaler only: the one the Stage is about. @param {State} state */
function isSampled(state) {
  const hpa = focusHpa(state);
  const sample = [...state.rows("samples").values()].at(-1);
  const under = state.only("app");
  return !hpa || !sample || !under || (under.namespace === hpa.namespace && under.name === hpa.target?.name);
}

/** @param {State} state @returns {ScalingTide} */
export function startTide(state) {
  const tide = new ScalingTide(state);
  state.subscribe(["samples", "flags", "pod_spans", "hpas", "workloads", "swarm", "decisions", "app"], () => tide.want());
  setInterval(() => tide.want(), 1000); // time goes on although nothing comes
  document.addEventListener("visibilitychange", () => tide.want());
  onTokens(() => tide.paint());
  return tide;
}
