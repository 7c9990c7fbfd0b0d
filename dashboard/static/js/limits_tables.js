// @ts-check
/** Quotas, memory, kills, what was put in, refused scale-ups. The order is that of web/limits/showing.py. */

import { isDenied, fillDenied } from "./denied.js";
import { byId, mark, part, say } from "./dom.js";
import { millis, span } from "./format.js";
import { fillList } from "./limits_fill.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** Older than that a figure says little about now: metrics-server measures every 15 s. */
const OLD_MS = 60000;

/** @param {State} state */
export function showNamespaces(state) {
  state.subscribe(["limits"], () => {
    const rows = [...state.rows("limits").values()].sort(
      (a, b) => Number(a.known && !a.quotas.length) - Number(b.known && !b.quotas.length) || compare(a.namespace, b.namespace),
    );
    fillList(byId("namespaces"), "t-namespace", rows.map((row) => ({ ...row, aged: row.state === "stale" })), (made, row) => {
      mark(made, "data-aged", row.aged ? "" : null);
      mark(/** @type {HTMLElement} */ (made.querySelector(".namespace-head")), "data-tone", row.tone);
      const place = /** @type {HTMLElement} */ (made.querySelector(".namespace-denied"));
      fillDenied(place, row.rule ? [{ ...row, key: row.namespace }] : []);
    });
    sayNone("namespaces", rows.length, state);
  });
}

/** @param {State} state */
export function showBlocked(state) {
  state.subscribe(["blocked", "connection"], () => {
    const rows = [...state.rows("blocked").values()].sort(
      (a, b) => Number(a.state !== "now") - Number(b.state !== "now") || compare(b.at ?? "", a.at ?? ""),
    );
    fillList(byId("blocked-list"), "t-blocked", rows.map((row) => ({ ...row, times: row.count > 1 ? `× ${row.count}` : "" })));
    sayNone("blocked-list", rows.length, state, "blocked");
  });
}

/** @param {State} state */
export function showMemory(state) {
  const paint = () => {
    if (!state.known) return;
    const now = state.knownUntil();
    const measured = [...state.rows("memory").values()].map((row) => ({ ...row, at: state.row("pods", row.uid)?.metrics_at }));
    const rows = measured.sort((a, b) => rank(a) - rank(b) || weight(b) - weight(a) || compare(a.pod, b.pod));
    fillList(byId("memory-list"), "t-mem", rows.map((row) => ({ ...row, age: age(row, now) })), (made, row) => {
      const at = millis(row.at);
      mark(made, "data-aged", at !== null && now - at > OLD_MS ? "" : null);
    });
    sayNone("memory-list", rows.length, state);
  };
  state.subscribe(["memory", "connection"], paint);
  setInterval(() => { if (!document.hidden) paint(); }, 5000);
}

/** @param {State} state */
export function showKills(state) {
  state.subscribe(["oom", "connection"], () => {
    const rows = [...state.rows("oom").values()].sort((a, b) => compare(b.at, a.at) || compare(b.id, a.id));
    fillList(byId("oom-list"), "t-kill", rows.map((row) => ({ ...row, ...killed(row) })));
    sayNone("oom-list", rows.length, state);
  });
}

/** @param {State} state */
export function showContainers(state) {
  state.subscribe(["containers", "connection"], () => {
    const rows = [...state.rows("containers").values()].sort(
      (a, b) => Number(b.changed) - Number(a.changed) || compare(a.namespace, b.namespace) || compare(a.owner, b.owner) || compare(a.container, b.container),
    );
    const before = new Set([...byId("container-list").children].map((child) => /** @type {HTMLElement} */ (child).dataset.key));
    fillList(byId("container-list"), "t-container", rows, (made, row) => {
      // A person's folding is left alone; only what has just come is opened when there is something to see.
      if (!before.has(row.key)) /** @type {HTMLDetailsElement} */ (made.querySelector("details")).open = Boolean(row.changed);
    });
    sayNone("container-list", rows.length, state);
  });
}

/** What an empty list means: nothing, not read yet, or not allowed. @param {string} list @param {number} count @param {State} state @param {string} [name] */
export function sayNone(list, count, state, name = list) {
  const none = /** @type {HTMLElement} */ (document.querySelector(`[data-none="${name}"]`));
  const reads = (none.dataset.reads ?? "").split(" ").filter(Boolean);
  none.hidden = count > 0 || isDenied(state, ...reads);
  const reading = reads.some((read) => (state.row("connection", read)?.state ?? "syncing") === "syncing");
  if (none.dataset.text) say(none, reading ? "Being read." : none.dataset.text);
}

/** @param {Row} row @param {number} now */
function age(row, now) {
  const at = millis(row.at);
  return at === null ? "" : `measured ${span(Math.max(0, now - at) / 1000)} ago`;
}

/** @param {Row} row */
function killed(row) {
  const often = row.times === 1 ? "once" : `${row.times} times seen`;
  const restarts = typeof row.restarts === "number" ? `, ${row.restarts} ${row.restarts === 1 ? "restart" : "restarts"} in all` : "";
  return {
    exit: row.exit_code ?? "–",
    limit: row.limit ?? (row.told_by === "container" ? "no limit" : "–"),
    often: often + restarts,
    where: (row.gone ? "gone" : "there") + (row.told_by === "story" ? ", as the story tells" : ""),
  };
}

/** @param {Row} row */
const rank = (row) => (row.has_bar ? 0 : row.tone === "absent" ? 1 : 2);
/** @param {Row} row */
const weight = (row) => (row.has_bar ? row.fill : (row.bytes ?? 0));
/** @param {string} a @param {string} b */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
