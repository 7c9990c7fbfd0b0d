// @ts-check
/** The swarm that is there, or was last: state, time left, figures, what was asked, and changing it while it runs. */

import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { clock, named, number, UNKNOWN } from "./format.js";
import { ACTIVE, lasting, left, length, many, OVER, percent, sentenceOf, STATES, TONES } from "./load_words.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** @param {State} state */
export function showNow(state) {
  let shown = byId("load").dataset.state ?? "none";
  /** Whether it was started here: its button was switched off meanwhile, and so has lost the focus. */
  let ours = false;
  document.body.addEventListener("swarm-started", () => (ours = true));
  const change = wireChange();
  const paint = () => {
    if (!state.known) return;
    const row = state.row("swarm", "current") ?? { state: "none" };
    if (row.state !== shown) {
      shown = row.state;
      arrange(shown, ours && document.activeElement === document.body);
      ours = false;
      tellOver(shown);
    }
    paintNow(row, state);
    change(row);
  };
  state.subscribe(["swarm", "pods", "story"], paint);
  setInterval(() => {
    const row = state.row("swarm", "current");
    if (row && !document.hidden) paintTime(row, state.knownUntil());
  }, 1000);
}

/** Which parts the page has in this state. @param {string} now @param {boolean} lost whether the focus has gone with what held it */
function arrange(now, lost) {
  const active = ACTIVE.includes(now);
  const known = now !== "none";
  mark(byId("load"), "data-state", now);
  byId("swarm-now").hidden = !known;
  byId("load-tables").hidden = !known;
  mark(byId("load-title"), "class", known ? "hidden-words" : "load-title");
  if (document.getElementById("start")) arrangeStart(active, known, lost);
}

/** @param {boolean} active @param {boolean} known @param {boolean} lost */
function arrangeStart(active, known, lost) {
  const start = byId("start");
  const held = lost || start.contains(document.activeElement);
  start.hidden = active;
  /** @type {HTMLDetailsElement} */ (byId("start-fold")).open = !known;
  say(byId("start-title"), known ? "Start another swarm" : "Start a swarm");
  if (active) byId("load-plan-or-refusal").replaceChildren();
  if (active && held) byId("now-title").focus({ preventScroll: true });
}

/** @param {string} now */
function tellOver(now) {
  if (OVER.includes(now)) document.body.dispatchEvent(new CustomEvent("swarm-over"));
}

/** @param {Row} row @param {State} state */
function paintNow(row, state) {
  const root = byId("swarm-now");
  const tone = TONES[row.state] ?? "unknown";
  mark(root, "data-tone", tone);
  mark(byId("now-title"), "data-tone", tone);
  say(part(root, "word"), STATES[row.state] ?? row.state);
  say(part(root, "sentence"), sentence(row, state));
  paintTime(row, state.knownUntil());
  paintFigures(row);
  matchChildren(byId("load-notes"), notes(row), { key: (each) => each.key, make: () => clone("t-note"), fill: (made, each) => say(part(made, "text"), each.text) });
  matchChildren(byId("load-facts"), facts(row), {
    key: (each) => each.label,
    make: () => clone("t-fact"),
    fill: (made, each) => {
      say(part(made, "label"), each.label);
      say(part(made, "value"), each.value);
    },
  });
}

/** @param {Row} row @param {number} now ms */
function paintTime(row, now) {
  const root = byId("swarm-now");
  const rest = left(row, now);
  const whole = length(row);
  say(part(root, "left"), rest === null ? "" : `${rest >= 1 ? lasting(rest) : "0 s"} left`);
  say(part(root, "ends"), when(row));
  const bar = /** @type {HTMLProgressElement} */ (part(root, "bar"));
  bar.hidden = rest === null;
  if (rest !== null && whole) bar.value = Math.max(0, Math.min(100, Math.round(100 * (1 - rest / whole))));
}

/** When it ends by itself, or ended. @param {Row} row */
function when(row) {
  if (!row.ends_at) return "";
  if (OVER.includes(row.state)) return `at ${clock(row.ends_at)}`;
  return row.state === "running" ? `ends by itself at ${clock(row.ends_at)}` : "";
}

/** @param {Row} row @param {State} state */
function sentence(row, state) {
  const why = row.error ? ` ${sentenceOf(row.error)}` : "";
  switch (row.state) {
    case "starting":
      return `Load for ${row.target} is being made ready. ${awaited(row, state)}`;
    case "running":
      return `Load goes to ${row.target} with the profile ${row.profile ?? UNKNOWN}.`;
    case "stopping":
      return `Stopping. It is over when no load user is left and no request comes any more.${why}`;
    case "stopped":
      return `Load went to ${row.target}: ${totals(row)}${why}`;
    case "failed":
      return `The load on ${row.target} failed: ${sentenceOf(row.error ?? "no reason was given")}`;
    default:
      return "No swarm is active.";
  }
}

/** @param {Row} row */
function totals(row) {
  if (typeof row.requests !== "number") return "how many requests is not known.";
  return `${many(row.requests, "request")}, ${number(row.failures ?? 0)} of them failed.`;
}

/** Which pod of the swarm is waited for, and what holds it up. @param {Row} row @param {State} state */
function awaited(row, state) {
  const pods = [...state.rows("pods").values()].filter((pod) => String(pod.name).startsWith(`swarm-${row.id}-`));
  if (!pods.length) return "Its Jobs are being created; none of its pods is there yet.";
  const rank = (/** @type {Row} */ pod) => (pod.name.includes("-master") ? "0" : "1") + pod.name;
  const waiting = pods.filter((pod) => !pod.ready).sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  if (!waiting.length) return "Its pods are ready; the workers are meeting their master.";
  const others = waiting.length > 1 ? `, and ${waiting.length - 1} more of ${pods.length}` : "";
  return `Waiting for pod ${waiting[0].name} (${waiting[0].state ?? "unknown"}${others}).${hindrance(waiting[0], state)}`;
}

/** What the cluster last said of this pod, when it said that something is wrong. @param {Row} pod @param {State} state */
function hindrance(pod, state) {
  const said = [...state.rows("story").values()].filter((each) => each.object?.name === pod.name && each.kind === "warning");
  const newest = said.reduce((/** @type {Row | undefined} */ best, each) => (!best || String(each.t) > String(best.t) ? each : best), undefined);
  return newest ? ` ${sentenceOf(newest.text)}` : "";
}

/** @param {Row} row */
function paintFigures(row) {
  const root = byId("load-figures");
  const over = OVER.includes(row.state);
  const wanted = typeof row.target_users === "number" && ACTIVE.includes(row.state) ? ` of ${number(row.target_users)}` : "";
  say(part(root, "users"), number(row.users));
  say(part(root, "users_of"), wanted);
  say(part(root, "rps"), number(row.rps));
  for (const field of ["p50", "p95", "p99"]) say(part(root, field), number(wholeOrNow(row, `${field}_ms`, over)));
  say(part(root, "failed"), number(wholeOrNow(row, "failed_percent", over), 1));
  say(part(root, "requests"), number(row.requests));
  say(part(root, "failures"), typeof row.failures === "number" ? `${number(row.failures)} failed` : "in all");
}

/** While it runs the figure of the last seconds; afterwards that of the whole swarm. @param {Row} row @param {string} field @param {boolean} over */
function wholeOrNow(row, field, over) {
  if (!over) return row[field];
  if (field === "failed_percent" && row.requests) return (100 * (row.failures ?? 0)) / row.requests;
  const found = row.totals?.[field];
  return typeof found === "number" ? found : null;
}

/** What was asked for; only what is known. @param {Row} row */
function facts(row) {
  const limits = typeof row.p95_limit_ms === "number" ? `p95 ${number(row.p95_limit_ms)} ms, failed ${percent(row.failed_limit_percent, 1)}` : null;
  /** @type {[string, any][]} */
  const told = [
    ["profile", row.profile],
    ["scenario", row.scenario],
    ["connections", row.keep_alive === true ? "reused (keep-alive)" : row.keep_alive === false ? "a new one for each request" : null],
    ["duration", row.duration_s ? lasting(row.duration_s) : null],
    ["limits", row.profile === "ceiling" ? limits : null],
    ["started by", named(row.by || row.started_by || "")],
    ["why", row.note],
  ];
  return told.filter(([, value]) => value).map(([label, value]) => ({ label, value: String(value) }));
}

/** What keeps the figures from being the target's alone. @param {Row} row */
function notes(row) {
  const found = [];
  if (row.saturated) found.push({ key: "saturated", text: `The generator is at its limit, not the server. ${row.saturated_why || "A worker is at the end of its strength."}` });
  if (row.limited) found.push({ key: "limited", text: row.limited_why || "The load is held back at its ceiling." });
  if (row.reason && row.state === "running") found.push({ key: "reason", text: sentenceOf(row.reason) });
  return found;
}

/** The form that changes a running swarm; what a person is typing in it is left alone. @returns {(row: Row) => void} */
function wireChange() {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("load-change"));
  if (!form) return () => undefined;
  const users = /** @type {HTMLInputElement} */ (form.elements.namedItem("users"));
  const rate = /** @type {HTMLInputElement} */ (form.elements.namedItem("spawn_rate"));
  let typed = false;
  let about = "";
  form.addEventListener("input", () => (typed = true));
  document.body.addEventListener("swarm-changed", () => (typed = false));
  return (row) => {
    if (form.hidden !== (row.state !== "running")) {
      if (!form.hidden && form.contains(document.activeElement)) byId("now-title").focus({ preventScroll: true });
      form.hidden = row.state !== "running";
    }
    if (row.id !== about) typed = false;
    about = row.id;
    if (typed || form.contains(document.activeElement)) return;
    if (row.target_users) users.value = String(row.target_users);
    if (row.spawn_rate) rate.value = String(row.spawn_rate);
  };
}

