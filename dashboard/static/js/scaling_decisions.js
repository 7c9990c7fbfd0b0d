// @ts-check
/** The decisions of one autoscaler, newest first, to be stepped through: each with its sum at that time; the tide's cursor goes along. */

import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { focusHpa } from "./focus.js";
import { clock, millis } from "./format.js";
import { AFTERWARDS, changeOf, cpuOf, isOf, isToldAfterwards, whoOf } from "./scaling_decisions_words.js";
import { paintEvidence, paintState, paintSum } from "./scaling_explained.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const SHOWN_MAX = 200;

/** @param {State} state @param {{show: (t: number | null) => boolean} | null} tide */
export function showDecisions(state, tide) {
  const list = byId("decision-list");
  const stepper = new Stepper(list, tide);
  state.subscribe(["decisions", "hpas"], () => {
    const hpa = focusHpa(state);
    const rows = hpa ? [...state.rows("decisions").values()].filter((row) => isOf(row, hpa)).sort(newestFirst).slice(0, SHOWN_MAX) : [];
    byId("decisions-empty").hidden = rows.length > 0;
    matchChildren(list, rows, { key: (row) => String(row.id), make: () => clone("t-decision"), fill: (made, row) => fill(made, row, state.now()) });
    stepper.refresh();
  });
}

/** @param {Row} a @param {Row} b */
function newestFirst(a, b) {
  return `${a.t} ${a.id}` < `${b.t} ${b.id}` ? 1 : -1;
}

/** @param {HTMLElement} item @param {Row} row @param {number} now ms */
function fill(item, row, now) {
  const fold = /** @type {HTMLElement} */ (item.querySelector("details"));
  mark(fold, "data-t", String(row.t ?? ""));
  mark(fold, "data-by", String(row.by ?? "other"));
  mark(fold, "data-moved", row.before === row.after ? null : "");
  const time = part(item, "time");
  mark(time, "datetime", String(row.t ?? ""));
  mark(time, "title", new Date(row.t).toLocaleString());
  say(time, clock(row.t));
  say(part(item, "change"), changeOf(row));
  paintState(item, row);
  const afterwards = isToldAfterwards(row);
  say(part(item, "who"), afterwards ? `${whoOf(row)}, told afterwards` : whoOf(row));
  say(part(item, "known"), afterwards ? AFTERWARDS : "");
  say(part(item, "sentence"), String(row.sentence ?? ""));
  say(part(item, "cpu"), cpuOf(row));
  say(part(item, "limited"), row.limited_by ? `Limited by ${row.limited_by}.` : "");
  paintSum(part(item, "sum"), row.sum);
  paintEvidence(part(item, "evidence"), row.evidence, now);
}

/** One decision is open at a time. Buttons and the arrow keys go on in time; left is earlier, as on the chart. */
class Stepper {
  /** @param {HTMLElement} list @param {{show: (t: number | null) => boolean} | null} tide */
  constructor(list, tide) {
    this.list = list;
    this.tide = tide;
    /** Key of the open one. @type {string | null} */
    this.open = null;
    list.addEventListener("toggle", (event) => this.toggled(event.target), true);
    byId("decision-earlier").addEventListener("click", () => this.go(1));
    byId("decision-later").addEventListener("click", () => this.go(-1));
    byId("decisions").addEventListener("keydown", (event) => this.key(event));
  }

  get all() {
    return /** @type {HTMLDetailsElement[]} */ ([...this.list.querySelectorAll("details")]);
  }

  at() {
    return this.all.findIndex((one) => keyOf(one) === this.open);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
    if (event.key === "Escape" && this.open) this.choose(null);
    else if (by && this.all.length) this.go(by, true);
    else return;
    event.preventDefault();
  }

  /** @param {number} by 1: to the next older one @param {boolean} [withFocus] */
  go(by, withFocus = false) {
    const all = this.all;
    const at = this.at();
    const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by));
    if (!all[to]) return;
    this.choose(all[to]);
    if (withFocus) all[to].querySelector("summary")?.focus({ preventScroll: true });
    this.reveal(all[to]);
  }

  /** Within the list only: the page must not jump away from the chart. @param {HTMLElement} one */
  reveal(one) {
    const [box, item] = [this.list.getBoundingClientRect(), one.getBoundingClientRect()];
    if (item.top < box.top) this.list.scrollTop += item.top - box.top;
    else if (item.bottom > box.bottom) this.list.scrollTop += Math.min(item.bottom - box.bottom, item.top - box.top);
  }

  /** @param {EventTarget | null} target */
  toggled(target) {
    if (!(target instanceof HTMLDetailsElement)) return;
    const isChosen = keyOf(target) === this.open;
    if (target.open && !isChosen) this.choose(target);
    else if (!target.open && isChosen) this.choose(null);
  }

  /** @param {HTMLDetailsElement | null} one */
  choose(one) {
    this.open = one ? keyOf(one) : null;
    for (const each of this.all) each.open = each === one;
    const t = one ? millis(one.dataset.t) : null;
    this.reached = this.tide?.show(t === null ? null : t / 1000) ?? true;
    this.refresh();
  }

  /** Where we are, after the list or the choice changed. */
  refresh() {
    const count = this.all.length;
    const at = this.at();
    if (at < 0) this.open = null;
    byId("decision-tools").hidden = count === 0;
    byId("decisions-keys").hidden = count === 0;
    const away = at >= 0 && this.reached === false ? " · before the chart begins" : "";
    say(byId("decision-place"), at < 0 ? (count === 1 ? "1 in all" : `${count} in all`) : `${at + 1} of ${count}${away}`);
    /** @type {HTMLButtonElement} */ (byId("decision-earlier")).disabled = at === count - 1 && at >= 0;
    /** @type {HTMLButtonElement} */ (byId("decision-later")).disabled = at === 0;
  }
}

/** @param {HTMLElement} one */
function keyOf(one) {
  return one.closest("li")?.dataset.key ?? "";
}
