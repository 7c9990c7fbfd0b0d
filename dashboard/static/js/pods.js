// @ts-check
/** Pods as tiles by workload; they come and go in step with the tide. */

import { isDenied } from "./denied.js";
import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { counted, mebibytes, roundEven } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const still = matchMedia("(prefers-reduced-motion: reduce)");
let painted = false;

/** @param {State} state */
export function showPods(state) {
  state.subscribe(["pods", "workloads", "hpas", "connection"], () => {
    const groups = grouped(state);
    byId("pods").hidden = !groups.length && !isDenied(state, "pods", "deployments", "statefulsets");
    matchChildren(byId("groups"), groups, { key: (group) => group.uid, make: () => clone("t-group"), fill: fillGroup });
    painted = true;
  });
}

/** @param {State} state */
function grouped(state) {
  /** @type {Map<string, Row[]>} */
  const pods = new Map();
  for (const pod of state.rows("pods").values()) {
    const uid = pod.workload?.uid ?? "";
    pods.set(uid, [...(pods.get(uid) ?? []), pod]);
  }
  const hpas = new Map([...state.rows("hpas").values()].map((row) => [`${row.namespace}/${row.name}`, row]));
  return [...state.rows("workloads").values()]
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map((row) => ({
      uid: String(row.uid),
      title: `${row.namespace} / ${row.name}`,
      note: note(row, hpas.get(`${row.namespace}/${row.hpa}`)),
      state: row.state ?? "ok",
      reason: row.reason ?? "",
      scales: Boolean(row.hpa),
      pods: (pods.get(row.uid) ?? []).sort((a, b) => (order(a) < order(b) ? -1 : 1)),
    }))
    .filter((group) => group.pods.length || group.state !== "ok");
}

/** @param {Row} row */
function rank(row) {
  return `${row.hpa ? 0 : 1}${row.kind === "StatefulSet" ? 0 : 1}${row.namespace}/${row.name}`;
}

/** @param {Row} pod */
function order(pod) {
  return `${pod.created_at ?? ""} ${pod.name}`;
}

/** @param {Row} row @param {Row | undefined} hpa */
function note(row, hpa) {
  const parts = [row.kind];
  if (typeof row.replicas === "number") parts.push(counted(row.replicas, "pod"));
  if (row.kind === "StatefulSet") parts.push("in order");
  if (hpa) parts.push(`HPA ${hpa.min}–${hpa.max}`);
  return parts.join(" · ");
}

/** @param {HTMLElement} root @param {ReturnType<typeof grouped>[number]} group */
function fillGroup(root, group) {
  mark(root, "data-tone", group.state);
  mark(root, "data-scales", group.scales ? "" : null);
  say(part(root, "title"), group.title);
  say(part(root, "note"), group.note);
  say(part(root, "reason"), group.reason);
  const tiles = root.querySelector(".tiles");
  if (tiles) matchChildren(tiles, group.pods, { key: (pod) => String(pod.uid), make: arriving, fill: fillTile, leave: leaving });
}

function arriving() {
  const tile = clone("t-tile");
  if (painted && !still.matches) {
    tile.dataset.moving = "in";
    tile.addEventListener("animationend", () => delete tile.dataset.moving, { once: true });
  }
  return tile;
}

/** @param {HTMLElement} tile */
function leaving(tile) {
  if (still.matches) {
    tile.remove();
    return;
  }
  tile.dataset.moving = "out";
  tile.dataset.key = "";
  setTimeout(() => tile.remove(), 450);
}

/** @param {HTMLElement} tile @param {Row} pod */
function fillTile(tile, pod) {
  const [tone, word] = podState(pod);
  const cpu = typeof pod.cpu_percent === "number" ? pod.cpu_percent : null;
  const details = podDetails(pod);
  mark(tile, "data-tone", tone);
  mark(tile, "data-over", cpu !== null && cpu > 100 ? "" : null);
  mark(tile, "title", details);
  say(part(tile, "short"), pod.short ?? pod.name);
  part(tile, "star").hidden = pod.role !== "primary";
  say(part(tile, "word"), pod.role && tone === "ready" ? pod.role : word);
  say(part(tile, "cpu"), cpu === null ? "" : `${roundEven(cpu)} %`);
  say(part(tile, "details"), details);
  const fill = tile.querySelector("progress");
  if (fill) fill.value = cpu === null ? 0 : Math.max(0, Math.min(100, roundEven(cpu)));
}

/** @param {Row} pod @returns {[string, string]} tone and word */
export function podState(pod) {
  const state = pod.state ?? pod.phase ?? "Unknown";
  if (state === "Terminating" || pod.deleted_at) return ["ending", "ending"];
  if (state === "Completed" || state === "Succeeded") return ["ending", "completed"];
  if (state === "Running") {
    if (pod.ready) return ["ready", "ready"];
    return pod.ready_at ? ["trouble", "not ready"] : ["starting", "starting"];
  }
  if (state === "Pending") return ["starting", "pending"];
  if (["ContainerCreating", "PodInitializing"].includes(state) || state.startsWith("Init:")) return ["starting", "starting"];
  return ["trouble", state];
}

/** @param {Row} pod */
function podDetails(pod) {
  const parts = [pod.name];
  if (pod.ip) parts.push(pod.ip);
  if (typeof pod.memory_bytes === "number") {
    const limit = pod.memory_limit_bytes ? ` of ${mebibytes(pod.memory_limit_bytes)}` : "";
    parts.push(`${mebibytes(pod.memory_bytes)}${limit} memory`);
  }
  if (pod.restarts) parts.push(counted(pod.restarts, "restart"));
  return parts.join(" · ");
}
