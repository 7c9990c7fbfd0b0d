// @ts-check
/** Which buttons the Stage has now; and its first-run card while nothing is deployed. */

import { FINISHED, RUNNING } from "./deploy_progress.js";
import { byId, mark, say } from "./dom.js";
import { clock, number } from "./format.js";

/** @typedef {import("./state.js").State} State */

const SWARM_ACTIVE = ["starting", "running", "stopping"];

/** @param {State} state */
export function showTopbar(state) {
  state.subscribe(["stack", "connection"], () => {
    const health = state.row("stack", "health");
    const empty = health?.state === "absent" && state.row("connection", "cluster")?.state === "live";
    mark(byId("stage"), "data-state", empty ? "empty" : "shown");
    byId("first-run").hidden = !empty;
    const start = /** @type {HTMLButtonElement} */ (byId("open-swarm"));
    start.disabled = empty;
    mark(start, "title", empty ? "Deploy the stack first: there is nothing to put under load yet." : null);
  });
  state.subscribe(["swarm"], () => {
    const swarm = state.row("swarm", "current");
    const active = SWARM_ACTIVE.includes(swarm?.state);
    const stop = /** @type {HTMLButtonElement} */ (byId("stop-swarm"));
    byId("open-swarm").hidden = active;
    stop.hidden = !active;
    stop.disabled = swarm?.state === "stopping";
    say(stop, swarm?.state === "stopping" ? "Stopping…" : "Stop swarm");
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
    say(byId("open-deploy"), text);
  });
}

/** The swarm in one sentence. @param {import("./state.js").Row | undefined} swarm */
function swarmLine(swarm) {
  if (!swarm) return "";
  if (swarm.state === "failed") return `The swarm failed: ${swarm.error ?? "no reason was given"}`;
  if (!SWARM_ACTIVE.includes(swarm.state)) return "";
  const parts = [`Swarm ${swarm.state}: ${number(swarm.users)} of ${number(swarm.target_users)} load users on ${swarm.target}`];
  if (swarm.profile) parts.push(swarm.profile);
  if (swarm.ends_at) parts.push(`ends by itself at ${clock(swarm.ends_at)}`);
  if (swarm.started_by) parts.push(`started by ${swarm.started_by}`);
  return parts.join(" · ");
}
