// @ts-check
/** The form of a swarm: what keeps it from being started, and that a plan is only of the values it was made of. */

import { isDenied } from "./denied.js";
import { byId, mark, part, say } from "./dom.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {{kind: string, title: string, text: string, where: string, link: string}} Obstacle */

/** @type {Record<string, [string, string]>} */
const CONNECTIONS = {
  syncing: ["The cluster is being read", "A swarm can be started as soon as it is known what is there."],
  stale: ["The cluster has gone quiet", "What you see may be old. A swarm can be started once it answers again."],
  down: ["The cluster does not answer", "A swarm can be started once it answers again; it is tried all the time."],
  forbidden: ["The cluster lets the dashboard not read enough", "Without seeing the target no load is sent to it. Ask for the rights that are named above."],
};

/** @param {State} state */
export function showForm(state) {
  const form = document.getElementById("load-form");
  if (!form) return;
  const paint = () => {
    if (state.known) paintObstacle(obstacle(state));
  };
  state.subscribe(["connection", "stack", "bundles", "workloads"], paint);
  form.addEventListener("change", paint);
  form.addEventListener("input", forgetPlan);
  form.addEventListener("htmx:beforeRequest", (event) => {
    // Enter in a field submits although the button is off; nothing is planned while it cannot be started.
    if (event.target === form && /** @type {HTMLButtonElement} */ (byId("load-plan")).disabled) event.preventDefault();
  });
  byId("load-plan-or-refusal").addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-drops-plan]")) return;
    forgetPlan();
    byId("load-plan").focus();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const place = byId("load-plan-or-refusal");
    if (/** @type {CustomEvent} */ (event).detail.target !== place || !place.firstElementChild) return;
    const confirm = place.querySelector("#confirm-swarm");
    if (confirm instanceof HTMLElement) confirm.focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  });
}

/** A plan is bound to its values; with other ones it would be refused. */
function forgetPlan() {
  const place = byId("load-plan-or-refusal");
  if (place.firstElementChild) place.replaceChildren();
}

/** @param {State} state @returns {Obstacle | null} */
function obstacle(state) {
  const connection = state.row("connection", "cluster")?.state ?? "syncing";
  if (connection !== "live") {
    const [title, text] = CONNECTIONS[connection] ?? CONNECTIONS.down;
    return said(connection, title, text);
  }
  if (state.row("stack", "health")?.state === "absent") {
    return said("nothing", "Nothing is deployed here yet", "There is nothing to put under load. Deploy the stack first.", "stack", "Deploy the stack");
  }
  if (state.row("bundles", "load")?.state === "absent") {
    return said("no room", "Swarms have no place to run yet", "The bundle load brings their namespace, its quota and its network rules. Deploy it first.", "load", "Deploy the bundle load");
  }
  return unready(state);
}

/** Whether the target has a ready pod is only known where the workload has the Service's name. @param {State} state @returns {Obstacle | null} */
function unready(state) {
  const chosen = /** @type {HTMLSelectElement} */ (document.querySelector("#load-form select[name='target']")).selectedOptions[0]?.dataset;
  const workloads = [...state.rows("workloads").values()];
  if (!chosen || !workloads.length) return null;
  const named = `${chosen.namespace}/${chosen.service}`;
  const owner = workloads.find((row) => row.namespace === chosen.namespace && row.name === chosen.service);
  if (!owner && isDenied(state, "deployments")) return null; // whether it is there cannot be seen
  if (!owner) return said("target", `${named} is not there`, "Choose another target, or deploy it.", "stack", "Deploy");
  if (owner.ready > 0) return null;
  const text = `${owner.ready ?? 0} of ${owner.replicas ?? "?"} pods are ready. A swarm can be started once one is.`;
  return said("target", `${named} is not ready`, text, "stack", "See why");
}

/** @param {string} kind @param {string} title @param {string} text @returns {Obstacle} */
function said(kind, title, text, where = "", link = "") {
  return { kind, title, text, where, link };
}

/** @param {Obstacle | null} found */
function paintObstacle(found) {
  const root = byId("load-obstacle");
  /** @type {HTMLButtonElement} */ (byId("load-plan")).disabled = found !== null;
  root.hidden = found === null;
  mark(root, "data-kind", found?.kind ?? "");
  say(part(root, "title"), found?.title ?? "");
  say(part(root, "text"), found?.text ?? "");
  const link = part(root, "link");
  link.hidden = !found?.link;
  say(link, found?.link ?? "");
  const places = byId("start").dataset;
  mark(link, "href", (found?.where === "load" ? places.room : places.stack) ?? "#");
}
