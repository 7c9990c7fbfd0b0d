// @ts-check
/** The replica set as a whole, its members and its elections. The words are in the rows; templates/data paints them first. */

import { isDenied } from "./denied.js";
import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { dayClock } from "./story_lines.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */
/** @typedef {{label: string, value: string}} Fact */

/** Until the agents have been asked; web/data/telling.py says the same. */
const READING = { state: "reading", tone: "syncing", word: "reading", sentence: "The agents are being asked." };

/** @param {State} state */
export function showSet(state) {
  state.subscribe(["members", "data", "connection"], () => {
    if (!state.known) return;
    const row = state.row("data", "set") ?? READING;
    paintSet(row);
    const members = [...state.rows("members").values()].sort((a, b) => a.ordinal - b.ordinal || (a.name < b.name ? -1 : 1));
    matchChildren(byId("members"), members, { key: (each) => String(each.name), make: () => clone("t-member"), fill: fillMember });
    paintElections(state.row("data", "elections")?.rows ?? [], isDenied(state, "agents", "pods"));
  });
}

/** @param {Row} row */
function paintSet(row) {
  const root = byId("set");
  mark(byId("data"), "data-state", row.state);
  mark(root, "data-tone", row.tone);
  mark(byId("set-title"), "data-tone", row.tone);
  say(part(root, "word"), row.word);
  say(part(root, "sentence"), row.sentence);
  fillFacts(byId("set-facts"), facts(row));
  const absent = row.state === "absent";
  byId("absence").hidden = !absent;
  byId("names").hidden = absent;
}

/** Those that are known. @param {Row} row @returns {Fact[]} */
function facts(row) {
  const members = row.members;
  /** @type {[string, any][]} */
  const told = [
    ["set", row.set],
    ["primary", row.primary],
    ["term", row.term],
    ["members alive", members ? `${row.alive} of ${members}` : null],
    ["votes for a primary", row.majority],
    ["agents answering", members ? `${row.answering} of ${members}` : null],
  ];
  return told.filter(([, value]) => value !== null && value !== undefined).map(([label, value]) => ({ label, value: String(value) }));
}

/** @param {HTMLElement} root @param {Row} row */
function fillMember(root, row) {
  mark(root, "data-tone", row.tone);
  mark(root, "data-primary", row.star ? "" : null);
  say(part(root, "name"), row.name);
  part(root, "star").hidden = !row.star;
  say(part(root, "word"), row.word);
  say(part(root, "told"), row.told_by ? `says ${row.told_by}` : "");
  say(part(root, "dns"), row.dns);
  say(part(root, "trouble"), row.trouble ?? "");
  fillFacts(/** @type {HTMLElement} */ (root.querySelector("dl")), row.facts ?? []);
}

/** @param {HTMLElement} list @param {Fact[]} rows */
function fillFacts(list, rows) {
  matchChildren(list, rows, {
    key: (each) => each.label,
    make: () => clone("t-fact"),
    fill: (made, each) => {
      say(part(made, "label"), each.label);
      say(part(made, "value"), each.value);
    },
  });
}

/** @param {Row[]} rows @param {boolean} denied nobody may be asked */
function paintElections(rows, denied) {
  const root = byId("elections");
  part(root, "none").hidden = rows.length > 0 || denied;
  part(root, "denied").hidden = rows.length > 0 || !denied;
  matchChildren(byId("election-list"), rows, { key: (each) => String(each.id), make: () => clone("t-election"), fill: fillElection });
}

/** @param {HTMLElement} root @param {Row} row */
function fillElection(root, row) {
  const time = part(root, "time");
  mark(time, "datetime", row.t ?? "");
  mark(time, "title", row.t ? new Date(row.t).toLocaleString() : null);
  say(time, dayClock(row.t ?? ""));
  say(part(root, "winner"), row.winner ?? "");
  say(part(root, "term"), String(row.term ?? ""));
  say(part(root, "sentence"), row.sentence);
}
