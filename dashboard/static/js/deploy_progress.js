// @ts-check
/** How far a deploy is, object by object: for the dialog of the Stage and for the Deploy page. */

import { moment, named } from "./deploy_words.js";
import { clone, element, mark, matchChildren, part, say } from "./dom.js";
import { named as person } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */
/** @typedef {{bundle: string, stage: unknown, object: {id?: string, kind: string, namespace: string | null, name: string}, result: string, detail: string | null}} Step */
/** @typedef {{now: boolean, over: () => void}} Reading */

export const RUNNING = ["planning", "applying", "waiting", "pruning", "deleting"];
export const ENDED = ["done", "failed", "cancelled"];
export const FINISHED = ["created", "changed", "unchanged", "ready", "deleted", "kept", "taken over"];

/** @type {Record<string, string>} */
const LAST = { "roll back": "Last roll-back", teardown: "Last teardown" };

/** Whether a person has begun to move the list; then it does not move by itself. @param {HTMLElement} list @returns {Reading} */
export function watchReading(list) {
  const reading = { now: false, over: () => void (reading.now = false) };
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    list.addEventListener(kind, () => (reading.now = true), { passive: true });
  }
  return reading;
}

/** @param {HTMLElement} root @param {Row} row @param {State} state @param {Reading} reading */
export function paintProgress(root, row, state, reading) {
  /** @type {Step[]} */
  const steps = row.steps ?? [];
  const done = steps.filter((step) => FINISHED.includes(step.result)).length;
  const running = RUNNING.includes(row.state);
  say(part(root, "sentence"), sentence(row, done, steps.length) + (row.state === "waiting" ? awaited(steps, state) : ""));
  const bar = root.querySelector("progress");
  if (bar) {
    bar.max = Math.max(1, steps.length);
    bar.value = done;
  }
  const list = part(root, "steps");
  list.hidden = !steps.length;
  paintSteps(list, steps, reading);
  const error = part(root, "error");
  error.hidden = !row.error;
  say(error, row.error ?? "");
  const stop = /** @type {HTMLElement | null} */ (root.querySelector("[data-f='stop']"));
  if (stop) stop.hidden = !running || row.state === "deleting";
  part(root, "goes_on").hidden = !running;
}

/** When and by whom, where the page has a place for it. @param {HTMLElement} root @param {Row} row */
export function paintOccasion(root, row) {
  say(part(root, "title"), RUNNING.includes(row.state) ? "Under way" : LAST[row.action] ?? "Last deploy");
  const at = row.finished_at ?? row.started_at;
  const time = part(root, "at");
  mark(time, "datetime", at ?? "");
  say(time, at ? moment(at) : "");
  say(part(root, "by"), row.by ? `by ${person(row.by)}` : "");
}

/** @param {Row} row @param {number} done @param {number} total */
function sentence(row, done, total) {
  const what = row.bundle ?? (row.bundles ?? []).join(", ");
  const far = `${done} of ${total} objects`;
  switch (row.state) {
    case "planning":
      return "Checking every object against the cluster before the first change…";
    case "applying":
      return `Applying ${what}: ${far}.`;
    case "pruning":
      return `Removing what is no longer in ${what}: ${far}.`;
    case "deleting":
      return `Tearing down ${what}: ${far}.`;
    case "waiting":
      return `Waiting until ${what || "the bundle"} is ready: ${far}.`;
    case "done":
      if (row.action === "teardown" || (row.steps ?? []).some((/** @type {Step} */ step) => step.result === "deleted")) return "Torn down.";
      return `${row.action === "roll back" ? "Rolled back" : "Deployed"}: ${total} objects, all ready.`;
    case "cancelled":
      return `Stopped after ${far}. ${goesOn(row)}`;
    case "failed":
      return done || (total && row.action === "teardown") ? `Failed after ${far}. ${goesOn(row)}` : "Failed before the first change.";
    default:
      return "Nothing is being deployed.";
  }
}

/** @param {Row} row */
function goesOn(row) {
  if (row.action === "teardown") return "What is deleted is gone; tearing down again goes on from here.";
  return "What is applied stays; deploying again goes on from here.";
}

/** What is waited for, and what it lacks: the trouble of its pods, if there is any. @param {Step[]} steps @param {State} state */
function awaited(steps, state) {
  const step = steps.find((one) => one.result === "waiting" && one.detail);
  if (!step) return "";
  const { kind, namespace, name } = step.object;
  const row = [...state.rows("workloads").values()].find((one) => one.kind === kind && one.namespace === namespace && one.name === name);
  const trouble = row?.state === "failed" ? row.reason : null;
  return ` ${kind} ${name}: ${String(trouble ?? step.detail).replace(/\.$/, "")}.`;
}

/** @param {HTMLElement} root @param {Step[]} steps @param {Reading} reading */
function paintSteps(root, steps, reading) {
  const bundles = [...new Set(steps.map((step) => step.bundle))];
  matchChildren(root, bundles, {
    key: (bundle) => bundle,
    make: (bundle) => {
      const made = document.createElement("section");
      made.append(element("h3", bundle), document.createElement("ul"));
      return made;
    },
    fill: (section, bundle) => {
      const list = section.querySelector("ul");
      const own = steps.filter((step) => step.bundle === bundle);
      if (list) matchChildren(list, own, { key: stepKey, make: () => clone("t-step"), fill: fillStep });
    },
  });
  const active = root.querySelector(".step[data-tone='waiting'], .step[data-tone='failed']");
  if (active instanceof HTMLElement && !reading.now) keepInView(root, active);
}

/** @param {Step} step */
function stepKey({ object }) {
  return object.id ?? `${object.kind}/${object.namespace ?? ""}/${object.name}`;
}

/** @param {HTMLElement} root @param {Step} step */
function fillStep(root, step) {
  mark(root, "data-tone", FINISHED.includes(step.result) ? "done" : step.result);
  say(part(root, "object"), named(step.object));
  say(part(root, "result"), step.result);
  say(part(root, "detail"), step.detail ?? "");
}

/** Scrolls the list alone, never the page. @param {HTMLElement} list @param {HTMLElement} step */
function keepInView(list, step) {
  const outer = list.getBoundingClientRect();
  const inner = step.getBoundingClientRect();
  if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom + 24;
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top + 24;
}
