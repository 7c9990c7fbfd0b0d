// @ts-check
/**
 * Reads that the cluster refuses: in each place that depends on one, the right that is missing and the rule that would
 * give it. What cannot be seen is neither zero nor empty. templates/parts/denied.html paints the same first.
 */

import { clone, mark, matchChildren, part, say } from "./dom.js";
import { clock } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** Every place of the page that names reads in `data-denied`; an empty name means all of them. @param {State} state */
export function showDenied(state) {
  state.subscribe(["connection"], () => {
    const rows = denied(state);
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-denied]"))) {
      const wanted = (place.dataset.denied ?? "").split(" ").filter(Boolean);
      fillDenied(place, wanted.length ? rows.filter((row) => wanted.includes(row.key)) : rows);
    }
  });
}

/** Put these refusals into a place; it hides when there are none. @param {HTMLElement} place @param {Row[]} rows */
export function fillDenied(place, rows) {
  place.hidden = !rows.length;
  const list = /** @type {HTMLElement} */ (place.querySelector(".denials"));
  matchChildren(list, rows, { key: (row) => String(row.key), make: () => clone("t-denied"), fill: fillOne });
  const count = place.querySelector("[data-f='denied-count']");
  if (count) say(count, rows.length === 1 ? "One read is denied" : `${rows.length} reads are denied`);
}

/** The rows of refused reads, by name. @param {State} state @returns {Row[]} */
export function denied(state) {
  return [...state.rows("connection")]
    .filter(([key, row]) => key !== "cluster" && row.state === "forbidden")
    .map(([key, row]) => ({ ...row, key }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Whether one of these reads is refused. @param {State} state @param {string[]} reads */
export function isDenied(state, ...reads) {
  return reads.some((read) => state.row("connection", read)?.state === "forbidden");
}

/** @param {HTMLElement} root @param {Row} row */
function fillOne(root, row) {
  mark(root, "data-key", row.key);
  say(part(root, "denied-sentence"), row.rule?.sentence ?? row.detail ?? "the cluster gives no reason");
  say(part(root, "denied-since"), row.since ? `since ${clock(row.since)}` : "");
  const fold = /** @type {HTMLElement} */ (root.querySelector("details"));
  fold.hidden = !row.rule;
  say(part(root, "denied-yaml"), row.rule?.yaml ?? "");
}
