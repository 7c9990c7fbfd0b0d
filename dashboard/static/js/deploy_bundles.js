// @ts-check
/** The bundles of the Deploy page as the view `bundles` has them; dashboard/web/deploy/overview.py paints the same first. */

import { BUNDLE_STATES, moment, named, OBJECT_STATES, REVISION_STATES } from "./deploy_words.js";
import { fillDenied } from "./denied.js";
import { clone, mark, matchChildren, part, say } from "./dom.js";
import { counted, named as person } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const TROUBLES_SHOWN = 5;
const LOUD = ["failed", "progressing", "unknown"];

/** The list of all bundles. @param {State} state */
export function showBundles(state) {
  const list = document.getElementById("bundles");
  if (!list) return;
  state.subscribe(["bundles"], () => {
    const rows = state.rows("bundles");
    const cards = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".bundle-card[data-key]")]);
    for (const card of cards) {
      const row = rows.get(card.dataset.key ?? "");
      if (row) fillCard(card, row);
    }
    const names = new Set(cards.map((card) => card.dataset.key));
    const moved = document.getElementById("bundles-moved");
    if (moved) moved.hidden = !rows.size || (rows.size === names.size && [...rows.keys()].every((name) => names.has(name)));
    const nothing = document.getElementById("nothing-yet");
    if (nothing) nothing.hidden = ![...rows.values()].every((row) => row.state === "absent");
  });
}

/** The page of one bundle. @param {State} state */
export function showBundle(state) {
  const root = document.getElementById("bundle");
  const objects = document.getElementById("objects");
  if (!root || !objects) return;
  state.subscribe(["bundles"], () => {
    const row = state.row("bundles", root.dataset.key ?? "");
    if (!row) return;
    fillCard(root, row);
    const said = new Map((row.objects ?? []).map((/** @type {Row} */ each) => [each.id, each]));
    for (const item of objects.querySelectorAll(".object")) {
      const found = said.get(/** @type {HTMLElement} */ (item).dataset.key ?? "");
      if (!found) continue;
      fillState(item, OBJECT_STATES, found.state);
      fillSentence(item, found.state === "absent" ? "" : found.sentence ?? "");
    }
  });
}

/** @param {HTMLElement} card @param {Row} row */
function fillCard(card, row) {
  fillHead(card, row);
  const troubles = troublesOf(row);
  const where = card.dataset.evidence ?? "";
  const fill = (/** @type {HTMLElement} */ item, /** @type {Row} */ each) => fillTrouble(item, each, where);
  matchChildren(part(card, "troubles"), troubles.slice(0, TROUBLES_SHOWN), { key: (each) => each.id, make: () => clone("t-trouble"), fill });
  const more = part(card, "more");
  more.hidden = troubles.length <= TROUBLES_SHOWN;
  say(more, more.hidden ? "" : `and ${troubles.length - TROUBLES_SHOWN} more`);
  const refused = refusals(row);
  fillDenied(part(card, "denied"), refused);
  say(part(card, "denied-what"), `${refused.length === 1 ? "1 right is" : `${refused.length} rights are`} missing to see all of it`);
}

/** The rights that are missing to see all of its objects, each once. @param {Row} row @returns {Row[]} */
function refusals(row) {
  const rules = new Map();
  for (const each of row.objects ?? []) if (each.rule) rules.set(each.rule.sentence, each.rule);
  return [...rules].map(([key, rule]) => ({ key, rule }));
}

/** That nothing is there, or known, needs no list. @param {Row} row @returns {Row[]} */
function troublesOf(row) {
  return ["absent", "unknown"].includes(row.state) ? [] : (row.objects ?? []).filter((/** @type {Row} */ each) => isTrouble(each, row.state));
}

/** @param {Row} row @param {string} bundleState */
function isTrouble(row, bundleState) {
  if (row.rule || row.is_apart) return false; // told with its rule; not meant to be read here
  return LOUD.includes(row.state) || (row.state === "absent" && bundleState === "partial");
}

/** @param {HTMLElement} root @param {Row} row */
function fillHead(root, row) {
  mark(root, "data-tone", row.state);
  fillState(root, BUNDLE_STATES, row.state);
  const count = part(root, "count");
  say(count, row.total && typeof row.ok === "number" && row.state !== "absent" && (row.state !== "ok" || refusals(row).length) ? `${row.ok} of ${counted(row.total, "object")} well` : "");
  count.hidden = !count.textContent;
  fillSentence(root, row.state === "absent" || troublesOf(row).length ? "" : row.sentence ?? "");
  part(root, "changed").hidden = row.folder_changed !== true;
  fillRevision(part(root, "revision"), row.revision);
}

/** @param {Element} root @param {Record<string, string>} words @param {string} state */
function fillState(root, words, state) {
  const sign = part(root, "state");
  mark(sign, "data-tone", state);
  say(part(sign, "word"), words[state] ?? state);
}

/** @param {Element} root @param {string} text */
function fillSentence(root, text) {
  const sentence = part(root, "sentence");
  say(sentence, text);
  sentence.hidden = !text;
}

/** @param {HTMLElement} root @param {Row | null} row */
function fillRevision(root, row) {
  root.hidden = !row;
  if (!row) return;
  say(part(root, "number"), `revision ${row.number}`);
  say(part(root, "hash"), String(row.revision ?? "").slice(0, 12));
  say(part(root, "did"), REVISION_STATES[row.state] ?? row.state);
  const at = part(root, "at");
  mark(at, "datetime", row.at ?? "");
  say(at, moment(row.at));
  say(part(root, "by"), row.by ? `by ${person(row.by)}` : "");
}

/** @param {HTMLElement} item @param {Row} row @param {string} where */
function fillTrouble(item, row, where) {
  mark(item, "data-tone", row.state);
  const name = named(/** @type {any} */ (row));
  say(part(item, "object"), name);
  const sentence = row.state === "absent" ? "" : row.sentence ?? "";
  say(part(item, "word"), (OBJECT_STATES[row.state] ?? row.state) + (sentence ? ":" : ""));
  say(part(item, "sentence"), sentence);
  say(part(item, "about"), name);
  mark(part(item, "evidence"), "href", `${where}?${new URLSearchParams({ id: row.id })}`);
}
