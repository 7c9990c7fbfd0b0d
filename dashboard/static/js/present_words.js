// @ts-check
/** What Present mode says besides figures: that nothing is there, the load in one line, the newest lines of the story. */

import { SWARM_ACTIVE } from "./banner.js";
import { isDenied } from "./denied.js";
import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { clock, millis, number, span } from "./format.js";
import { fillEntry, folded, told } from "./story.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** As web/present/showing.py has it. */
const LINES = 6;

/** @param {State} state */
export function showWords(state) {
  state.subscribe(["stack", "connection"], () => {
    const empty = state.row("stack", "health")?.state === "absent" && state.row("connection", "cluster")?.state === "live";
    mark(byId("present"), "data-state", empty ? "empty" : "shown");
    byId("present-empty").hidden = !empty;
    byId("pods-unseen").hidden = !isDenied(state, "pods", "deployments", "statefulsets");
  });
  const load = () => {
    const line = swarmLine(state.row("swarm", "current"), state.now());
    byId("present-swarm").hidden = !line;
    say(part(byId("present-swarm"), "text"), line);
  };
  state.subscribe(["swarm"], load);
  setInterval(() => {
    if (!document.hidden && state.known) load();
  }, 1000);
  let first = true;
  state.subscribe(["story"], () => {
    const lines = folded(told(state)).slice(0, LINES);
    const make = () => {
      const entry = clone("t-entry");
      if (!first) entry.dataset.new = "";
      return entry;
    };
    matchChildren(byId("entries"), lines, { key: (row) => String(row.id), make, fill: fillEntry });
    byId("story-empty").hidden = lines.length > 0;
    first = false;
  });
}

/** As web/present/showing.py says it first, with the time that is left. @param {Row | undefined} swarm @param {number} now ms */
function swarmLine(swarm, now) {
  if (!SWARM_ACTIVE.includes(swarm?.state)) return "";
  const ends = millis(swarm?.ends_at);
  const users = `Swarm ${swarm?.state}: ${number(swarm?.users)} of ${number(swarm?.target_users)} load users`;
  if (ends === null) return users;
  return `${users} · ends at ${clock(ends)}${ends > now ? `, in ${span((ends - now) / 1000)}` : ""}`;
}
