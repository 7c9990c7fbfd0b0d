// @ts-check
/** Stack health, viewers and which buttons there are now; and the first-run card while nothing is deployed. */

import { byId, mark, part, say } from "./dom.js";
import { counted } from "./format.js";

/** @typedef {import("./state.js").State} State */

const DEPLOYING = ["planning", "applying", "waiting"];
export const SWARM_ACTIVE = ["starting", "running", "stopping"];

/** @param {State} state */
export function showTopbar(state) {
  state.subscribe(["stack", "connection"], () => {
    const health = state.row("stack", "health");
    const sign = byId("stack");
    mark(sign, "data-tone", health?.state ?? "unknown");
    say(part(sign, "text"), health?.sentence ?? "");
    const empty = health?.state === "absent" && state.row("connection", "cluster")?.state === "live";
    mark(byId("stage"), "data-state", empty ? "empty" : "shown");
    byId("first-run").hidden = !empty;
    /** @type {HTMLButtonElement} */ (byId("open-swarm")).disabled = empty;
  });
  state.subscribe(["viewers"], () => {
    const count = state.row("viewers", "count")?.count;
    say(part(byId("viewers"), "text"), typeof count === "number" ? counted(count, "viewer") : "");
  });
  state.subscribe(["swarm"], () => {
    const swarm = state.row("swarm", "current");
    const active = SWARM_ACTIVE.includes(swarm?.state);
    const stop = /** @type {HTMLButtonElement} */ (byId("stop-swarm"));
    byId("open-swarm").hidden = active;
    stop.hidden = !active;
    stop.disabled = swarm?.state === "stopping";
    say(stop, swarm?.state === "stopping" ? "Stopping…" : "Stop swarm");
  });
  state.subscribe(["deploy"], () => {
    const deploy = state.row("deploy", "current");
    const steps = deploy?.steps ?? [];
    const done = steps.filter((/** @type {{result: string}} */ step) => ["created", "changed", "unchanged", "ready"].includes(step.result)).length;
    const text = DEPLOYING.includes(deploy?.state) ? `Deploying ${steps.length ? `${done} of ${steps.length}` : "…"}` : "Deploy";
    say(byId("open-deploy"), text);
  });
}
