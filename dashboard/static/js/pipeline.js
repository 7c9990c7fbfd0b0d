// @ts-check
/**
 * The way of the figures, link by link: ok, broken, unknown or denied; which one is the fault, and whether it can be
 * repaired. web/scaling/pipeline_page.py says the same on the first paint.
 */

import { clone, mark, matchChildren, part, say } from "./dom.js";
import { focusHpa } from "./focus.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const READING = "The way of the figures is being read.";

/** @param {State} state */
export function showPipeline(state) {
  const root = document.getElementById("pipeline");
  if (!root) return;
  const small = root.dataset.size === "small";
  state.subscribe(["pipeline", "stack", "hpas"], () => {
    // Before anything is deployed nothing is broken, and the Stage says so.
    const absent = small && state.row("stack", "health")?.state === "absent";
    paint(root, absent ? undefined : rowOf(state), small);
  });
}

/** Of the autoscaler that the page is about, else of the cluster. @param {State} state */
function rowOf(state) {
  const hpa = focusHpa(state);
  return (hpa && state.row("pipeline", hpa.uid)) ?? state.row("pipeline", "metrics");
}

/** @param {HTMLElement} root @param {Row | undefined} row @param {boolean} small */
function paint(root, row, small) {
  const links = row?.links ?? [];
  const fault = row?.fault ?? "";
  mark(root, "data-fault", fault);
  const sentence = part(root, "sentence");
  say(sentence, small && !fault ? "" : row?.sentence ?? READING);
  sentence.hidden = small && !fault;
  const fill = small ? fillSmall : fillWhole;
  matchChildren(part(root, "links"), links, {
    key: (link) => link.id,
    make: () => clone("t-way"),
    fill: (one, link) => {
      mark(one, "data-tone", link.state);
      mark(one, "data-fault", link.id === fault ? "" : null);
      say(part(one, "name"), link.name);
      fill(one, link);
    },
  });
  show(root, "empty", links.length === 0);
  show(root, "repair", Boolean(row?.repair?.needed));
  const why = root.querySelector("[data-f='why']");
  if (why) say(why, row?.repair?.why ?? "");
}

/** Only what a page has a place for. @param {HTMLElement} root @param {string} field @param {boolean} shown */
function show(root, field, shown) {
  const found = root.querySelector(`[data-f="${field}"]`);
  if (found instanceof HTMLElement) found.hidden = !shown;
}

/** @param {HTMLElement} root @param {Row} link */
function fillSmall(root, link) {
  say(part(root, "short"), link.state === "ok" ? link.text : link.state);
}

/** @param {HTMLElement} root @param {Row} link */
function fillWhole(root, link) {
  say(part(root, "word"), link.state);
  say(part(root, "text"), link.text);
  say(part(root, "cause"), link.cause ?? "");
  part(root, "cause-line").hidden = !link.cause;
  say(part(root, "advice"), link.advice ?? "");
  part(root, "advice").hidden = !link.advice;
  say(part(root, "rule-sentence"), link.rule?.sentence ?? "");
  say(part(root, "rule-yaml"), link.rule?.yaml ?? "");
  part(root, "rule").hidden = !link.rule;
}
