// @ts-check
/** The lines of the Story page that come while it is open, and times in the reader's own zone. web/story/telling.py tells the others. */

import { byId, clone, mark, part, say } from "./dom.js";
import { counted } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Lines on the page: beyond, the oldest go; a reload has them again, folded. */
const LINES_MAX = 1000;

/** `23 Nov 14:03:12`, in this browser's zone. @param {string} iso */
export function dayClock(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "–";
  return `${at.getDate()} ${MONTHS[at.getMonth()]} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** @param {ParentNode} root */
export function ownZone(root) {
  for (const time of root.querySelectorAll("time[data-clock]")) {
    const iso = time.getAttribute("datetime");
    if (!iso) continue;
    say(time, dayClock(iso));
    mark(time, "title", new Date(iso).toLocaleString());
  }
}

/** @param {State} state */
export function showLines(state) {
  const list = byId("lines");
  const trouble = byId("story-trouble");
  const initial = trouble.hidden ? "" : part(trouble, "text").textContent ?? "";
  state.subscribe(["story_kept"], () => {
    const row = state.only("story_kept");
    const text = row?.sentence ?? (row ? "" : initial);
    trouble.hidden = !text;
    say(part(trouble, "text"), text);
  });
  if (list.dataset.live === undefined) return;
  const pause = byId("lines-pause");
  pause.hidden = false;
  let held = false;
  /** What the page was made of, and what has been added since. */
  const newest = list.firstElementChild?.querySelector("time")?.getAttribute("datetime") ?? "";
  const shown = new Set([...list.querySelectorAll("[data-key]")].map((line) => /** @type {HTMLElement} */ (line).dataset.key ?? ""));

  const paint = () => {
    const rows = [...state.rows("story").values()].filter((row) => fits(row, list.dataset));
    for (const row of rows) if (shown.has(row.id)) again(list, row);
    const coming = rows.filter((row) => !shown.has(row.id) && row.t >= newest).sort((a, b) => (key(a) < key(b) ? -1 : 1));
    say(pause, held ? (coming.length ? `Resume · ${coming.length} new` : "Resume") : "Pause");
    if (held) return;
    for (const row of coming) {
      shown.add(row.id);
      list.prepend(filled(row));
    }
    while (list.children.length > LINES_MAX) list.lastElementChild?.remove();
    if (!coming.length) return;
    byId("lines-card").hidden = false;
    const none = document.getElementById("no-lines");
    if (none) none.hidden = true;
  };
  state.subscribe(["story"], paint);
  pause.addEventListener("click", () => {
    held = !held;
    mark(pause, "aria-pressed", String(held));
    paint();
  });
}

/** As dashboard/story/asking.py asks the file. @param {Row} row @param {DOMStringMap} asked */
function fits(row, asked) {
  const about = row.object ?? {};
  const has = (/** @type {string} */ text, /** @type {string | undefined} */ wanted) => text.toLowerCase().includes((wanted ?? "").toLowerCase());
  return (
    (!asked.kind || row.kind === asked.kind) &&
    (!asked.namespace || about.namespace === asked.namespace) &&
    (!asked.object || has(`${about.kind}/${about.name}`, asked.object)) &&
    has(`${row.text} ${row.reason ?? ""} ${row.by ?? ""}`, asked.text) &&
    (!asked.since || row.t >= asked.since) &&
    (Boolean(asked.routine) || Boolean(asked.kind) || !row.quiet)
  );
}

/** It happened once more, or more is known of it. @param {HTMLElement} list @param {Row} row */
function again(list, row) {
  const line = list.querySelector(`:scope > .line[data-key="${CSS.escape(row.id)}"]`);
  if (!(line instanceof HTMLElement) || line.querySelector(".line-more")) return;
  if (line.dataset.added !== undefined || (row.count ?? 1) > Number(line.dataset.count ?? 1)) fill(line, row);
}

/** @param {Row} row */
function filled(row) {
  const line = clone("t-line");
  line.dataset.key = row.id;
  line.dataset.new = line.dataset.added = "";
  fill(line, row);
  return line;
}

/** @param {HTMLElement} line @param {Row} row */
function fill(line, row) {
  line.dataset.count = String(row.count ?? 1);
  mark(line, "data-kind", row.kind);
  mark(line, "data-quiet", row.quiet ? "" : null);
  const time = part(line, "time");
  mark(time, "datetime", row.t);
  mark(time, "title", new Date(row.t).toLocaleString());
  say(time, dayClock(row.t));
  say(part(line, "kind"), row.kind);
  say(part(line, "text"), row.text);
  const times = part(line, "times");
  const first = row.count > 1 && row.first && row.first < row.t ? `, first ${dayClock(row.first)}` : "";
  say(times, row.count > 1 ? `× ${row.count}${first}` : "");
  mark(times, "aria-label", row.count > 1 ? counted(row.count, "time") : null);
  const about = /** @type {HTMLElement} */ (line.querySelector(".line-about"));
  about.hidden = !row.object && !row.by;
  for (const [field, text] of [["object", named(row.object)], ["by", row.by ?? ""], ["reason", row.reason ?? ""]]) {
    const place = about.querySelector(`[data-f="${field}"]`);
    if (place) say(place, text);
  }
}

/** @param {Row | null | undefined} about */
function named(about) {
  return about ? `${about.kind ?? ""} ${about.namespace ? `${about.namespace}/` : ""}${about.name ?? ""}`.trim() : "";
}

/** @param {Row} row */
function key(row) {
  return `${row.t} ${row.id}`;
}
