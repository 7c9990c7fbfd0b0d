// @ts-check
/** The claims by ordinal. */

import { isDenied } from "./denied.js";
import { byId, clone, mark, matchChildren, part, say } from "./dom.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const FIELDS = ["name", "phase", "asked", "got", "class", "volume", "reclaim", "lesson"];

/** @param {State} state */
export function showVolumes(state) {
  state.subscribe(["data", "connection"], () => {
    if (!state.known) return;
    const root = byId("volumes");
    const rows = state.row("data", "volumes")?.rows ?? [];
    root.hidden = !rows.length && state.row("data", "set")?.state === "absent";
    part(root, "box").hidden = !rows.length;
    part(root, "none").hidden = rows.length > 0 || isDenied(state, "claims");
    matchChildren(byId("volume-rows"), rows, { key: (/** @type {Row} */ each) => String(each.name), make: () => clone("t-volume"), fill: fillVolume });
  });
}

/** @param {HTMLElement} root @param {Row} row */
function fillVolume(root, row) {
  mark(root, "data-tone", row.tone);
  for (const field of FIELDS) say(part(root, field), String(row[field] ?? ""));
}
