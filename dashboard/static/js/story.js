// @ts-check
/** One story, newest first: the highlights, or all of it, or one kind; paused for reading. These are sentences, not the cluster's raw events. */

import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { clock, counted } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const SHOWN_MAX = 200;
/** As dashboard/story/grouping.py: what lies farther apart is another story, and each deed of these kinds is one of its own. */
const NEAR_MS = 600_000;
const SINGLE = new Set(["swarm", "stop", "apply", "scaled", "failover", "experiment"]);
const SAFE = "[bcdfghjklmnpqrstvwxz2456789]";
/** Names of the pods of a ReplicaSet, of a StatefulSet, of a Job. */
const OF_WORKLOAD = [`^(.+)-${SAFE}{6,10}-${SAFE}{5}$`, "^(.+)-\\d{1,5}$", `^(.+)-${SAFE}{5}$`].map((pattern) => new RegExp(pattern));
/** The first two choices of the filter, which are there always. */
const CHOICES = 2;

/** @param {State} state */
export function showStory(state) {
  const list = byId("entries");
  const kinds = /** @type {HTMLSelectElement} */ (byId("story-kind"));
  const pause = byId("story-pause");
  /** Ids on the page when it was paused; null while it flows. @type {Set<string> | null} */
  let held = null;
  let first = true;

  const paint = () => {
    const rows = told(state);
    offerKinds(kinds, rows);
    const wanted = rows.filter((row) => isWanted(row, kinds.value));
    const shown = held ? wanted.filter((row) => held?.has(row.id)) : wanted;
    const waiting = wanted.length - shown.length;
    say(pause, held ? (waiting ? `Resume · ${waiting} new` : "Resume") : "Pause");
    const make = () => {
      const entry = clone("t-entry");
      if (!first) entry.dataset.new = "";
      return entry;
    };
    matchChildren(list, folded(shown).slice(0, SHOWN_MAX), { key: (row) => String(row.id), make, fill: fillEntry });
    const none = byId("story-empty");
    none.hidden = shown.length > 0;
    say(none, rows.length ? "Nothing of this kind yet; routine is under “all kinds”." : "Events of the cluster and what is done here will be told in this place.");
    first = false;
  };
  state.subscribe(["story"], paint);
  kinds.addEventListener("change", paint);
  pause.addEventListener("click", () => {
    held = held ? null : new Set(told(state).map((row) => row.id));
    mark(pause, "aria-pressed", String(held !== null));
    paint();
  });
}

/** @param {State} state @returns {Row[]} */
export function told(state) {
  const key = (/** @type {Row} */ row) => `${row.t} ${row.id}`;
  return [...state.rows("story").values()].sort((a, b) => (key(a) < key(b) ? 1 : -1));
}

/** The workload of a pod, by the name that Kubernetes gave it: as dashboard/story/grouping.py. @param {string} name */
function workloadOf(name) {
  const found = OF_WORKLOAD.map((pattern) => pattern.exec(name)).find((match) => match);
  return found ? found[1] : name;
}

/** What lines have in common that are told as one: the same of one object, or the same trouble of a workload's pods. @param {Row} row */
function alike(row) {
  const about = row.object ?? {};
  const name = String(about.name ?? "");
  if (row.kind !== "warning" || about.kind !== "Pod" || !name) return JSON.stringify([row.kind, row.text, about.kind, about.namespace, name]);
  return JSON.stringify([row.kind, about.namespace, workloadOf(name), row.text.replaceAll(name, "")]);
}

/** Lines that say the same are one with a count, in the place of the newest. @param {Row[]} rows newest first @returns {Row[]} */
export function folded(rows) {
  /** @type {Map<string, Row>} */
  const open = new Map();
  /** @type {Row[]} */
  const lines = [];
  for (const row of rows) {
    const key = alike(row);
    const line = SINGLE.has(row.kind) ? undefined : open.get(key);
    if (line && Date.parse(line.first) - Date.parse(row.t) <= NEAR_MS) {
      line.count += row.count || 1;
      line.first = row.first || row.t;
      line.objects.add(row.object?.name);
      continue;
    }
    const made = { ...row, count: row.count || 1, first: row.first || row.t, objects: new Set([row.object?.name]) };
    lines.push(made);
    open.set(key, made);
  }
  return lines;
}

/** @param {Row} row @param {string} choice "": what a presenter would point at */
function isWanted(row, choice) {
  if (choice === "all") return true;
  return choice ? row.kind === choice : !row.quiet;
}

/** @param {HTMLSelectElement} select @param {Row[]} rows */
function offerKinds(select, rows) {
  const kinds = [...new Set(rows.map((row) => String(row.kind)))].sort();
  const offered = [...select.options].slice(CHOICES).map((option) => option.value);
  if (kinds.join() === offered.join()) return;
  const chosen = select.value;
  while (select.options.length > CHOICES) select.remove(CHOICES);
  for (const kind of kinds) select.add(new Option(kind, kind));
  select.value = chosen === "all" || kinds.includes(chosen) ? chosen : "";
}

/** @param {HTMLElement} entry @param {Row} row */
export function fillEntry(entry, row) {
  mark(entry, "data-kind", row.kind);
  mark(entry, "data-quiet", row.quiet ? "" : null);
  const time = part(entry, "time");
  mark(time, "datetime", row.t);
  mark(time, "title", new Date(row.t).toLocaleString());
  say(time, clock(row.t));
  say(part(entry, "kind"), row.kind);
  say(part(entry, "text"), row.text);
  const pods = row.objects?.size > 1 ? `${row.objects.size} pods` : "";
  say(part(entry, "times"), [row.count > 1 ? `× ${row.count}` : "", pods].filter(Boolean).join(" · "));
  mark(entry, "aria-label", row.count > 1 ? `${[row.kind, counted(row.count, "time"), pods].filter(Boolean).join(", ")}: ${row.text}` : null);
}
