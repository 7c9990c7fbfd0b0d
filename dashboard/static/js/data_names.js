// @ts-check
/** Each member's name, step by step: pod, headless Service, record, address as resolved inside the cluster. */

import { isDenied } from "./denied.js";
import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { dayClock } from "./story_lines.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** @type {Record<string, string>} */
const VERDICTS = { equal: "equal", unknown: "unknown", nowhere: "nowhere" };

/** @param {State} state */
export function showNames(state) {
  state.subscribe(["data", "connection"], () => {
    if (!state.known) return;
    const rows = state.row("data", "names")?.rows ?? [];
    part(byId("names"), "none").hidden = rows.length > 0 || isDenied(state, "pods", "statefulsets");
    matchChildren(byId("chains"), rows, { key: (/** @type {Row} */ each) => String(each.name), make: () => clone("t-chain"), fill: fillChain });
  });
}

/** @param {HTMLElement} root @param {Row} row */
function fillChain(root, row) {
  mark(root, "data-tone", row.tone);
  say(part(root, "dns"), row.dns);
  say(part(root, "verdict"), VERDICTS[row.verdict] ?? "not equal");
  say(part(root, "sentence"), row.sentence);
  say(part(root, "before"), before(row));
  matchChildren(/** @type {HTMLElement} */ (root.querySelector("ol")), row.steps ?? [], {
    key: (/** @type {Row} */ each) => String(each.id),
    make: () => clone("t-link"),
    fill: (made, each) => {
      for (const field of ["label", "value", "note"]) say(part(made, field), each[field]);
    },
  });
}

/** @param {Row} row */
function before(row) {
  const told = (row.former ?? []).map((/** @type {Row} */ each) => `${each.address} until ${dayClock(each.until)}`);
  return told.length ? `Before: ${told.join(", ")}. The name stayed.` : "";
}
