// @ts-check
/** While an experiment is active, on every page: what leaks, until when at the latest, and the button that stops it. */

import { focusKeeper } from "./banner_focus.js";
import { byId, mark, part, say } from "./dom.js";
import { clock, named } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const BLAST_ACTIVE = ["starting", "running", "cleaning"];

/** @param {State} state */
export function showBlastBanner(state) {
  const banner = byId("blast-banner");
  const stop = /** @type {HTMLButtonElement | null} */ (document.getElementById("stop-blast"));
  const keepFocus = focusKeeper(banner);
  state.subscribe(["blast"], () => {
    const blast = state.row("blast", "current");
    const active = BLAST_ACTIVE.includes(blast?.state);
    banner.hidden = !active;
    mark(banner, "data-tone", blast?.state ?? "none");
    if (blast && active) say(part(banner, "text"), blastText(blast));
    if (!stop) return;
    stop.hidden = !active;
    stop.disabled = blast?.state === "cleaning";
    say(stop, blast?.state === "cleaning" ? "Removing…" : "Stop experiment");
    keepFocus();
  });
}

/** As web/presenting.py says it first. @param {Row} blast */
function blastText(blast) {
  const parts = [`${blast.title}: ${blast.phase}`];
  if (blast.ends_at) parts.push(`the cluster ends it at ${clock(blast.ends_at)} at the latest`);
  if (blast.by) parts.push(`started by ${named(blast.by)}`);
  return parts.join(" · ");
}
