// @ts-check
/**
 * Puts rows into the parts of the Limits page (templates/limits/parts.html): texts by `data-f`, lists within by
 * `data-list` from the template `data-make`, and `data-shows` hides what has nothing to say. Words come with the rows.
 */

import { clone, mark, matchChildren, say } from "./dom.js";
import { dayClock } from "./story_lines.js";

/** @typedef {import("./state.js").Row} Row */

/** What a row is told apart by. @param {Row} row */
const keyOf = (row) => String(row.key ?? row.uid ?? row.id ?? row.namespace);

/** Make `list` show these rows. @param {Element} list @param {string} template @param {Row[]} rows @param {(made: HTMLElement, row: Row) => void} [more] */
export function fillList(list, template, rows, more) {
  matchChildren(list, rows, {
    key: keyOf,
    make: () => clone(template),
    fill: (made, row) => {
      fill(made, row);
      if (more) more(made, row);
    },
  });
}

/** One part with all that is in it. @param {HTMLElement} root @param {Row} row */
export function fill(root, row) {
  if (typeof row.tone === "string") mark(root, "data-tone", row.tone);
  /** @type {HTMLElement[]} */
  const waiting = [...root.children].filter((child) => child instanceof HTMLElement);
  show(root, row);
  while (waiting.length) {
    const element = /** @type {HTMLElement} */ (waiting.pop());
    show(element, row);
    if (element.dataset.list) fillList(element, String(element.dataset.make), row[element.dataset.list] ?? []);
    else if (!element.matches(".blast-picture, .denials")) waiting.push(.../** @type {HTMLElement[]} */ ([...element.children].filter((child) => child instanceof HTMLElement)));
  }
}

/** @param {HTMLElement} element @param {Row} row */
function show(element, row) {
  if (element.dataset.shows) element.hidden = !row[element.dataset.shows];
  const field = element.dataset.f;
  if (field === undefined || !(field in row)) return;
  const value = row[field];
  if (element instanceof HTMLProgressElement) element.value = typeof value === "number" ? value : 0;
  else if (element instanceof HTMLTimeElement) {
    mark(element, "datetime", value ? String(value) : "");
    say(element, value ? dayClock(value) : "");
  } else say(element, value === null || value === undefined ? "" : String(value));
}
