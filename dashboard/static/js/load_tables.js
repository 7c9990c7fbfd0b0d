// @ts-check
/** The tables of a swarm: endpoints, failures, traffic per server pod, workers; web/load/tables.py says the same first. */

import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { clock, millis, number } from "./format.js";
import { fill, many, ofRequests, OVER, percent, rowsOf, WORKER_STATES } from "./load_words.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const NOT_TOLD = "not told";
/** The share is one of the last 10 s; a pod that has just become ready cannot have its part of it yet. */
const SETTLED_MS = 15000;
/** Of an equal part; below it a ready pod gets next to nothing. */
const STARVED = 0.25;

/** @param {State} state */
export function showTables(state) {
  state.subscribe(["swarm", "pods"], () => {
    const row = state.row("swarm", "current");
    if (!row || row.state === "none") return;
    paintEndpoints(rowsOf(row, "endpoints"), OVER.includes(row.state));
    paintFailures(rowsOf(row, "failures_by"));
    paintWorkers(rowsOf(row, "workers"), OVER.includes(row.state));
    paintTraffic(row, state);
  });
}

/** @param {HTMLElement} made @param {Record<string, string>} texts */
function fillIn(made, texts) {
  for (const [field, text] of Object.entries(texts)) say(part(made, field), text);
}

/** Once it is over there is no rate any more. @param {Row[]} rows @param {boolean} over */
function paintEndpoints(rows, over) {
  const root = byId("endpoints");
  part(root, "none").hidden = rows.length > 0;
  matchChildren(part(root, "rows"), rows, {
    key: (each) => `${each.method} ${each.name}`,
    make: () => clone("t-endpoint"),
    fill: (made, each) => {
      mark(made, "data-bad", each.failures ? "" : null);
      fillIn(made, {
        method: each.method ?? "", name: each.name ?? "", requests: number(each.requests), rps: number(over ? null : each.rps, 1),
        failures: number(each.failures), failed: ofRequests(each.failures, each.requests),
        p50: number(each.p50_ms), p95: number(each.p95_ms), p99: number(each.p99_ms),
      });
    },
  });
}

/** @param {Row[]} rows */
function paintFailures(rows) {
  const root = byId("failures");
  part(root, "none").hidden = rows.length > 0;
  part(root, "box").hidden = rows.length === 0;
  matchChildren(part(root, "rows"), rows, {
    key: (each) => `${each.method} ${each.name} ${each.error}`,
    make: () => clone("t-failure"),
    fill: (made, each) => {
      const where = `${each.method ?? ""} ${each.name ?? ""}`.trim() || "anywhere";
      fillIn(made, { error: each.error ?? "", where, count: number(each.occurrences), first: clock(each.first_at), last: clock(each.last_at) });
      mark(part(made, "first"), "datetime", each.first_at ?? "");
      mark(part(made, "last"), "datetime", each.last_at ?? "");
    },
  });
}

/** @param {Row[]} rows @param {boolean} over */
function paintWorkers(rows, over) {
  const root = byId("workers");
  say(part(root, "none"), over ? "The workers have ended." : "No worker has met its master yet.");
  part(root, "none").hidden = rows.length > 0;
  matchChildren(part(root, "rows"), rows, {
    key: (each) => each.id ?? each.pod ?? "",
    make: () => clone("t-worker"),
    fill: (made, each) => {
      const tone = each.lost_at ? "failed" : each.saturated ? "trouble" : each.state === "running" ? "good" : "starting";
      const state = each.state ?? "unknown";
      const word = each.lost_at ? `lost at ${clock(each.lost_at)}` : each.saturated ? "at its limit" : WORKER_STATES[state] ?? state;
      mark(made, "data-tone", tone);
      fillIn(made, { pod: each.pod || each.id || "", word, users: number(each.users), cpu: percent(each.cpu_percent), node: each.node ?? "" });
      mark(made.querySelector("progress") ?? made, "value", fill(each.cpu_percent));
    },
  });
  const gone = rows.filter((each) => each.lost_at);
  const lost = part(root, "lost");
  lost.hidden = gone.length === 0;
  say(lost, lostWords(gone));
}

/** @param {Row[]} gone */
function lostWords(gone) {
  const last = gone.at(-1);
  if (!last) return "";
  const names = gone.length === 1 ? `${last.pod || last.id} was` : `${gone.length} workers were`;
  return `${names} lost at ${clock(last.lost_at)}; the load users were spread over the other workers.`;
}

/** @param {Row} row @param {State} state */
function paintTraffic(row, state) {
  const root = byId("traffic");
  const rows = rowsOf(row, "pods");
  const over = OVER.includes(row.state);
  const whole = over ? rows.reduce((sum, each) => sum + (each.requests ?? 0), 0) : 0;
  const share = (/** @type {Row} */ each) => (whole ? (100 * (each.requests ?? 0)) / whole : each.share_percent);
  say(part(root, "of"), over ? "of all requests" : "of the last 10 s");
  matchChildren(part(root, "rows"), rows, {
    key: (each) => each.pod || NOT_TOLD,
    make: () => clone("t-traffic"),
    fill: (made, each) => {
      mark(made, "data-untold", each.pod ? null : "");
      fillIn(made, { pod: each.pod || NOT_TOLD, share: percent(share(each), 1), rps: whole ? "" : `${number(each.rps, 1)}/s · `, requests: number(each.requests) });
      mark(made.querySelector("progress") ?? made, "value", fill(share(each)));
    },
  });
  part(root, "none").hidden = rows.some((each) => each.pod);
  const hint = part(root, "hint");
  const text = hintOf(row, rows, readyPods(row, state));
  hint.hidden = !text;
  say(hint, text);
}

/** Pods of the target that have been ready for long enough to have their part. @param {Row} row @param {State} state @returns {string[]} */
function readyPods(row, state) {
  const options = /** @type {HTMLOptionElement[]} */ ([...document.querySelectorAll("#load-form select[name='target'] option")]);
  const target = options.find((option) => option.value === row.target)?.dataset;
  if (!target) return [];
  return [...state.rows("pods").values()]
    .filter((pod) => pod.namespace === target.namespace && pod.workload?.name === target.service && pod.ready)
    .filter((pod) => state.now() - (millis(pod.ready_at) ?? Infinity) >= SETTLED_MS)
    .map((pod) => pod.name);
}

/** That kept connections hide pods that came later. @param {Row} row @param {Row[]} shares @param {string[]} ready */
function hintOf(row, shares, ready) {
  const told = new Map(shares.filter((each) => each.pod).map((each) => [each.pod, each.share_percent ?? 0]));
  if (row.state !== "running" || row.keep_alive === false || !told.size || ready.length < 2) return "";
  const starved = ready.filter((name) => (told.get(name) ?? 0) < (STARVED * 100) / ready.length).length;
  if (!starved) return "";
  return (
    `${many(starved, "ready pod")} of ${ready.length} ${starved === 1 ? "gets" : "get"} next to no requests. Load users keep the ` +
    "connections they opened before; without connection reuse new pods have their part at once."
  );
}
