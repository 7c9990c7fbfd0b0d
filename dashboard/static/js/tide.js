// @ts-check
/** The tide: takes rows from the state, decides what span of time is shown, moves the cursor, speaks. */

import { byId, mark, say } from "./dom.js";
import { millis } from "./format.js";
import { focusHpa, focusSpans } from "./focus.js";
import { lanes } from "./tide_bars.js";
import { TideChart } from "./tide_chart.js";
import { columns, valuesAt, windowOf } from "./tide_data.js";
import { flags } from "./tide_flags.js";
import { fillReadout, fillTable, line, summary } from "./tide_words.js";
import { onTokens } from "./tokens.js";

/** @typedef {import("./state.js").State} State */

const REDRAW_MS = 950;
const SPEAK_MS = 10000;
const NEAR_PX = 7;

/** @param {State} state */
export function showTide(state) {
  const tide = new Tide(state);
  state.subscribe(["samples", "flags", "pod_spans", "hpas", "workloads", "swarm"], () => tide.want());
  setInterval(() => tide.want(), 1000); // time goes on although nothing comes
  document.addEventListener("visibilitychange", () => tide.want());
  onTokens(() => tide.paint());
}

export class Tide {
  /** @param {State} state @param {import("./tide_bands.js").Name[]} [bands] all of them unless told otherwise */
  constructor(state, bands) {
    this.state = state;
    this.range = "300";
    /** @type {{min: number, max: number} | null} */
    this.zoom = null;
    /** Time under the keyboard's cursor, seconds; the mouse's is where the mouse is. @type {number | null} */
    this.held = null;
    /** @type {import("./tide_data.js").Column[]} */
    this.data = columns(new Map());
    /** @type {import("./tide_flags.js").Flag[]} */
    this.flags = [];
    this.shown = { min: 0, max: 1 };
    this.paintedAt = 0;
    this.spokenAt = 0;
    this.timer = 0;
    this.slider = byId("tide-cursor");
    this.readout = byId("tide-readout");
    this.table = byId("tide-table");
    this.chart = new TideChart(byId("tide-plot"), {
      onCursor: (index, left) => this.read(index, left),
      onZoom: (shown) => this.setZoom(shown),
    }, bands);
    this.wire();
  }

  wire() {
    for (const choice of document.querySelectorAll("input[name='range']")) {
      choice.addEventListener("change", () => {
        this.range = /** @type {HTMLInputElement} */ (choice).value;
        this.setZoom(null);
      });
    }
    byId("tide-reset").addEventListener("click", () => this.setZoom(null));
    const asTable = byId("tide-as-table");
    asTable.addEventListener("click", () => {
      this.table.hidden = !this.table.hidden;
      mark(asTable, "aria-pressed", String(!this.table.hidden));
      this.paint();
    });
    this.slider.addEventListener("keydown", (event) => this.key(event));
    this.slider.addEventListener("blur", () => this.hold(null));
  }

  /** Draw soon, but not more often than once a second, and not while nobody sees it. */
  want() {
    if (document.hidden || this.timer) return;
    const wait = Math.max(0, this.paintedAt + REDRAW_MS - Date.now());
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      if (!document.hidden) this.paint();
    }, wait);
  }

  paint() {
    if (!this.state.known) return;
    this.paintedAt = Date.now();
    this.data = this.columns();
    this.flags = this.flagsShown();
    this.shown = this.zoom ?? this.window();
    const spans = focusSpans(this.state);
    const empty = this.data[0].length === 0 && spans.length === 0;
    byId("tide-waiting").hidden = !empty;
    this.chart.draw({ data: this.data, shown: this.shown, bars: lanes(spans), flags: this.flags, until: this.state.knownUntil() / 1000, most: focusHpa(this.state)?.max ?? 1 });
    if (this.held !== null) this.chart.point(this.nearest(this.held));
    this.speak();
    if (!this.table.hidden) fillTable(this.table, this.data, this.flags, this.shown);
  }

  columns() {
    return columns(this.state.rows("samples"));
  }

  flagsShown() {
    return flags(this.state.rows("flags"));
  }

  /** The span of time that the chosen range means just now. @returns {{min: number, max: number}} seconds */
  window() {
    const swarm = this.state.row("swarm", "current");
    const runFrom = millis(swarm?.started_at);
    const ended = ["stopped", "failed"].includes(swarm?.state) ? millis(swarm?.ends_at) : null;
    return windowOf(this.range, {
      now: this.state.now() / 1000,
      first: this.data[0][0] ?? null,
      runFrom: runFrom === null ? null : runFrom / 1000,
      runTo: ended === null ? null : ended / 1000,
    });
  }

  /** @param {{min: number, max: number} | null} shown */
  setZoom(shown) {
    this.zoom = shown;
    byId("tide-reset").hidden = shown === null;
    this.paint();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = event.shiftKey ? 10 : 1;
    const last = this.lastShown();
    const at = this.held === null ? last + 1 : this.nearest(this.held);
    const to = { ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step, Home: this.firstShown(), End: last }[event.key];
    if (event.key === "Escape") this.hold(null);
    else if (to !== undefined && last >= 0) this.hold(Math.max(this.firstShown(), Math.min(last, to)));
    else return;
    event.preventDefault();
  }

  /** @param {number | null} index */
  hold(index) {
    this.held = index === null ? null : (this.data[0][index] ?? null);
    this.chart.point(this.held === null ? null : index);
  }

  firstShown() {
    return Math.max(0, this.data[0].findIndex((t) => (t ?? 0) >= this.shown.min));
  }

  lastShown() {
    return this.data[0].findLastIndex((t) => (t ?? 0) <= this.shown.max);
  }

  /** @param {number} t */
  nearest(t) {
    const after = this.data[0].findIndex((one) => (one ?? 0) >= t);
    return after < 0 ? this.data[0].length - 1 : after;
  }

  /** @param {number | null} index @param {number} left */
  read(index, left) {
    const t = index === null || index === undefined ? null : this.data?.[0][index];
    if (t === null || t === undefined) {
      this.readout.hidden = true;
      mark(this.slider, "aria-valuetext", "No cursor");
      return;
    }
    const near = this.near(t);
    const values = valuesAt(this.data, index ?? 0);
    fillReadout(this.readout, t, values, near);
    this.readout.hidden = false;
    this.putReadout(left);
    mark(this.slider, "aria-valuemin", String(Math.round(this.shown.min)));
    mark(this.slider, "aria-valuemax", String(Math.round(this.shown.max)));
    mark(this.slider, "aria-valuenow", String(Math.round(t)));
    mark(this.slider, "aria-valuetext", line(t, values, near));
  }

  /** Flags within a few pixels of the cursor. @param {number} t */
  near(t) {
    const reach = (NEAR_PX * (this.shown.max - this.shown.min)) / Math.max(1, this.chart.u.bbox.width / devicePixelRatio);
    return this.flags.filter((flag) => Math.abs(flag.t - t) <= Math.max(1, reach));
  }

  /** Beside the cursor, on the side with room. @param {number} left */
  putReadout(left) {
    const offset = this.chart.u.bbox.left / devicePixelRatio;
    const width = this.readout.offsetWidth;
    const wide = this.chart.root.clientWidth;
    const right = offset + left + 14;
    const x = right + width > wide ? offset + left - 14 - width : right;
    this.readout.style.setProperty("transform", `translate(${Math.max(0, Math.min(x, wide - width))}px, 48px)`);
  }

  /** In words: on the picture always, aloud at most every ten seconds. */
  speak() {
    const text = summary(this.data, this.flags);
    mark(byId("tide-plot"), "aria-label", text);
    if (Date.now() - this.spokenAt < SPEAK_MS) return;
    this.spokenAt = Date.now();
    say(byId("tide-summary"), text);
  }
}
