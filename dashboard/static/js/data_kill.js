// @ts-check
/** Killing the primary: what keeps it from being done, the plan, and how it goes. */

import { paintChart, seconds } from "./data_chart.js";
import { byId, clone, mark, matchChildren, part, say } from "./dom.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const READY = "Nothing is killed by looking: the plan says what would happen and what is at risk, and then asks.";
/** @type {Record<string, string>} */
const STEP_TONES = { done: "ok", now: "progressing" };
/** @type {Record<string, string>} */
const CONNECTIONS = {
  syncing: "The cluster is being read.",
  stale: "The cluster has gone quiet, so what you see may be old.",
  down: "The cluster does not answer.",
  forbidden: "The cluster lets the dashboard not read enough to kill anything.",
};

/** @param {State} state */
export function showKill(state) {
  /** A dashboard that is read-only has no form. */
  const changes = document.getElementById("kill-form") !== null;
  let about = "";
  state.subscribe(["data", "connection"], () => {
    if (!state.known) return;
    const row = state.row("data", "kill") ?? { state: "none", active: false };
    if (changes && row.active && row.id !== about) begun();
    about = row.id ?? "";
    if (changes) paintForm(row, state);
    paintKill(row);
  });
  if (changes) wirePlan();
}

/** The plan has been confirmed, here or elsewhere: it is of no use any more. */
function begun() {
  const place = byId("kill-plan-or-refusal");
  const held = place.contains(document.activeElement) || byId("kill-form").contains(document.activeElement) || document.activeElement === document.body;
  place.replaceChildren();
  if (held) byId("kill-title").focus({ preventScroll: true });
}

/** @param {Row} row @param {State} state */
function paintForm(row, state) {
  const root = byId("kill");
  const form = byId("kill-form");
  const why = obstacle(row, state);
  form.hidden = Boolean(row.active);
  /** @type {HTMLButtonElement} */ (byId("kill-plan")).disabled = why !== "";
  say(part(root, "why"), why || READY);
}

/** @param {Row} row @param {State} state */
function obstacle(row, state) {
  const connection = state.row("connection", "cluster")?.state ?? "syncing";
  if (connection !== "live") return CONNECTIONS[connection] ?? CONNECTIONS.down;
  if (row.active) return "A primary is being killed already.";
  const set = state.row("data", "set");
  return set ? String(set.why_no_kill ?? "") : "The agents are being asked.";
}

/** @param {Row} row */
function paintKill(row) {
  const root = byId("kill");
  const known = Boolean(row.id);
  mark(root, "data-state", row.state);
  mark(root, "data-tone", row.tone ?? "unknown");
  const head = part(root, "head");
  head.hidden = !known;
  mark(head, "data-tone", row.tone ?? "unknown");
  part(root, "intro").hidden = known;
  byId("kill-result").hidden = !known;
  if (!known) return;
  say(part(root, "word"), row.word);
  say(part(root, "sentence"), row.sentence);
  say(part(root, "unconfirmed"), row.unconfirmed ?? "");
  matchChildren(byId("kill-figures"), row.figures ?? [], { key: (/** @type {Row} */ each) => each.id, make: () => clone("t-figure"), fill: fillFigure });
  matchChildren(byId("kill-steps"), row.steps ?? [], { key: (/** @type {Row} */ each) => each.id, make: () => clone("t-kill-step"), fill: fillStep });
  paintChart(byId("kill-chart"), row);
  matchChildren(byId("kill-buckets"), row.buckets ?? [], { key: (/** @type {number[]} */ each) => seconds(each[0]), make: () => clone("t-bucket"), fill: fillBucket });
}

/** @param {HTMLElement} root @param {Row} row */
function fillFigure(root, row) {
  say(part(root, "label"), row.label);
  say(part(root, "value"), row.value);
}

/** @param {HTMLElement} root @param {Row} row */
function fillStep(root, row) {
  mark(root, "data-state", row.state);
  mark(root, "data-tone", STEP_TONES[row.state] ?? "waiting");
  say(part(root, "label"), row.label);
  say(part(root, "state"), row.state);
  say(part(root, "text"), row.text);
}

/** @param {HTMLElement} root @param {number[]} bucket */
function fillBucket(root, [at, confirmed, failed]) {
  say(part(root, "at"), seconds(at));
  say(part(root, "confirmed"), String(confirmed));
  say(part(root, "failed"), String(failed));
}

/** The plan comes by htmx; it gets the focus, and gives it back. */
function wirePlan() {
  const place = byId("kill-plan-or-refusal");
  byId("kill-form").addEventListener("htmx:beforeRequest", (event) => {
    if (/** @type {HTMLButtonElement} */ (byId("kill-plan")).disabled) event.preventDefault();
  });
  place.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-drops-plan]")) return;
    place.replaceChildren();
    byId("kill-plan").focus();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.target !== place) return;
    const title = place.querySelector("#kill-plan-title");
    if (title instanceof HTMLElement) title.focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  });
}
