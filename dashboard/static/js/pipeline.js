// @ts-check
/** The metrics pipeline, link by link: green, broken or unknown. */

import { byId, clone, mark, matchChildren, part, say } from "./dom.js";

/** @typedef {import("./state.js").State} State */

/** @param {State} state */
export function showPipeline(state) {
  state.subscribe(["pipeline", "stack"], () => {
    // Before anything is deployed nothing is broken.
    const absent = state.row("stack", "health")?.state === "absent";
    const links = (!absent && state.row("pipeline", "metrics")?.links) || [];
    byId("pipeline-empty").hidden = links.length > 0;
    matchChildren(byId("links"), links, { key: (link) => link.name, make: () => clone("t-link"), fill: fillLink });
  });
}

/** @param {HTMLElement} root @param {{name: string, state: string, text: string, advice?: string | null}} link */
function fillLink(root, link) {
  mark(root, "data-tone", link.state);
  say(part(root, "name"), link.name);
  say(part(root, "text"), link.text);
  say(part(root, "state"), link.state);
  say(part(root, "advice"), link.advice ?? "");
}
