// @ts-check
/** While a swarm is active, on every page: who, what, how long still, and the button that stops it. */

import { focusKeeper } from "./banner_focus.js";
import { byId, mark, part, say } from "./dom.js";
import { clock, millis, named, number, span } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

export const SWARM_ACTIVE = ["starting", "running", "stopping"];

/** @param {State} state */
export function showBanner(state) {
  const banner = byId("swarm-banner");
  const stop = /** @type {HTMLButtonElement | null} */ (document.getElementById("stop-swarm"));
  const keepFocus = focusKeeper(banner);
  const paint = () => {
    const swarm = state.row("swarm", "current");
    const active = SWARM_ACTIVE.includes(swarm?.state);
    banner.hidden = !active;
    mark(banner, "data-tone", swarm?.state ?? "none");
    if (swarm && active) say(part(banner, "text"), bannerText(swarm, state.now()));
    if (!stop) return;
    stop.hidden = !active;
    stop.disabled = swarm?.state === "stopping";
    say(stop, swarm?.state === "stopping" ? "Stopping…" : "Stop swarm");
    keepFocus();
  };
  state.subscribe(["swarm"], paint);
  setInterval(paint, 1000);
}

/** As web/presenting.py says it first, with the time that is left. @param {Row} swarm @param {number} now ms */
export function bannerText(swarm, now) {
  const parts = [`Swarm ${swarm.state}: ${number(swarm.users)} of ${number(swarm.target_users)} load users on ${swarm.target}`];
  if (swarm.profile) parts.push(swarm.profile);
  const ends = millis(swarm.ends_at);
  if (ends !== null) parts.push(`ends by itself at ${clock(ends)}${ends > now ? `, in ${span((ends - now) / 1000)}` : ""}`);
  if (swarm.started_by) parts.push(`started by ${named(swarm.started_by)}`);
  if (swarm.error) parts.push(swarm.error);
  return parts.join(" · ");
}
