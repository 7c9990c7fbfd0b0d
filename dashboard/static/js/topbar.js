// @ts-check
/** Which buttons the Stage has now; and its first-run card while nothing is deployed. */

import { SWARM_ACTIVE } from "./banner.js";
import { FINISHED, RUNNING } from "./deploy_progress.js";
import { byId, mark, say } from "./dom.js";
import { covers } from "./rights.js";

/** @typedef {import("./state.js").State} State */

/** @param {State} state */
export function showTopbar(state) {
  state.subscribe(["stack", "connection"], () => {
    const health = state.row("stack", "health");
    const empty = health?.state === "absent" && state.row("connection", "cluster")?.state === "live";
    mark(byId("stage"), "data-state", empty ? "empty" : "shown");
    byId("first-run").hidden = !empty;
    const start = /** @type {HTMLButtonElement | null} */ (document.getElementById("open-swarm"));
    if (!start) return;
    start.disabled = empty;
    const why = covers("loadtest") ? null : start.dataset.why ?? null;
    mark(start, "title", empty ? "Deploy the stack first: there is nothing to put under load yet." : why);
  });
  state.subscribe(["swarm"], () => {
    const swarm = state.row("swarm", "current");
    const active = SWARM_ACTIVE.includes(swarm?.state);
    const start = document.getElementById("open-swarm");
    if (start) start.hidden = active;
    const line = byId("swarm-line");
    const text = swarmLine(swarm);
    line.hidden = !text;
    mark(line, "data-tone", swarm?.state ?? null);
    say(line, text);
  });
  state.subscribe(["deploy"], () => {
    const deploy = state.row("deploy", "current");
    const steps = deploy?.steps ?? [];
    const done = steps.filter((/** @type {{result: string}} */ step) => FINISHED.includes(step.result)).length;
    const doing = deploy?.state === "deleting" ? "Tearing down" : "Deploying";
    const text = RUNNING.includes(deploy?.state) ? `${doing} ${steps.length ? `${done} of ${steps.length}` : "…"}` : "Deploy";
    const open = document.getElementById("open-deploy");
    if (open) say(open, text);
  });
}

/** What went wrong with the last swarm; while one is active, the banner tells of it. @param {import("./state.js").Row | undefined} swarm */
function swarmLine(swarm) {
  if (swarm?.state === "failed") return `The swarm failed: ${swarm.error ?? "no reason was given"}`;
  return swarm?.state === "stopped" && swarm.error ? `The last swarm: ${swarm.error}` : "";
}
