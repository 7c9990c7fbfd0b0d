// @ts-check
/** The Deploy dialog: the choice of bundles, then object by object what became of it. */

import { byId, clone, element, mark, matchChildren, part, say } from "./dom.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */
/** @typedef {{bundle: string, stage: unknown, object: {kind: string, namespace: string | null, name: string}, result: string, detail: string | null}} Step */

/** Whether a person has begun to move the list; then it does not move by itself. */
let isRead = false;

export const RUNNING = ["planning", "applying", "waiting", "deleting"];
const ENDED = ["done", "failed", "cancelled"];
export const FINISHED = ["created", "changed", "unchanged", "ready", "deleted", "kept"];

/** @param {State} state */
export function showDeploy(state) {
  const dialog = byId("deploy-dialog");
  /** Whether to show the form although an older deploy has ended. */
  let choosing = true;
  const paint = () => {
    const row = state.row("deploy", "current");
    const running = RUNNING.includes(row?.state);
    if (running) choosing = false;
    byId("deploy-form").hidden = !choosing;
    byId("deploy-progress").hidden = choosing;
    byId("teardown").hidden = running || state.row("stack", "health")?.state === "absent";
    if (!choosing && row) paintProgress(row, running, state);
  };
  state.subscribe(["deploy", "stack", "workloads"], paint);
  document.body.addEventListener("deploy-started", () => {
    choosing = false;
    paint();
  });
  byId("deploy-again").addEventListener("click", () => {
    choosing = true;
    paint();
  });
  document.body.addEventListener("teardown-started", () => {
    /** @type {HTMLFormElement | null} */ (byId("teardown").querySelector("form"))?.reset();
    mark(byId("teardown"), "open", null);
    /** @type {HTMLDialogElement} */ (dialog).close();
  });
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    byId("deploy-steps").addEventListener(kind, () => (isRead = true), { passive: true });
  }
  dialog.addEventListener("opening", () => {
    isRead = false;
    // A deploy that failed is still the first thing to see; one that went well is history.
    choosing = ![...RUNNING, "failed"].includes(state.row("deploy", "current")?.state);
    paint();
  });
}

/** @param {Row} row @param {boolean} running @param {State} state */
function paintProgress(row, running, state) {
  const root = byId("deploy-progress");
  /** @type {Step[]} */
  const steps = row.steps ?? [];
  const done = steps.filter((step) => FINISHED.includes(step.result)).length;
  say(part(root, "sentence"), sentence(row, done, steps.length) + (row.state === "waiting" ? awaited(steps, state) : ""));
  const bar = root.querySelector("progress");
  if (bar) {
    bar.max = Math.max(1, steps.length);
    bar.value = done;
  }
  paintSteps(byId("deploy-steps"), steps);
  const error = part(root, "error");
  error.hidden = !row.error;
  say(error, row.error ?? "");
  byId("deploy-cancel").hidden = !running;
  byId("deploy-again").hidden = !ENDED.includes(row.state);
  part(root, "goes_on").hidden = !running;
}

/** @param {Row} row @param {number} done @param {number} total */
function sentence(row, done, total) {
  switch (row.state) {
    case "planning":
      return "Checking every object against the cluster before the first change…";
    case "applying":
      return `Applying ${row.bundle ?? ""}: ${done} of ${total} objects.`;
    case "deleting":
      return `Tearing down ${row.bundle ?? ""}: ${done} of ${total} objects.`;
    case "waiting":
      return `Waiting until ${row.bundle ?? "the bundle"} is ready: ${done} of ${total} objects.`;
    case "done":
      return (row.steps ?? []).some((/** @type {Step} */ step) => step.result === "deleted") ? "Torn down." : `Deployed: ${total} objects, all ready.`;
    case "cancelled":
      return `Stopped after ${done} of ${total} objects. What is applied stays; deploying again goes on from here.`;
    default:
      return total ? `Failed after ${done} of ${total} objects. What is applied stays; deploying again goes on from here.` : "Failed before the first change.";
  }
}

/** What is waited for, and what it lacks: the trouble of its pods, if there is any. @param {Step[]} steps @param {State} state */
function awaited(steps, state) {
  const step = steps.find((one) => one.result === "waiting" && one.detail);
  if (!step) return "";
  const { kind, namespace, name } = step.object;
  const row = [...state.rows("workloads").values()].find((one) => one.kind === kind && one.namespace === namespace && one.name === name);
  const trouble = row?.state === "failed" ? row.reason : null;
  return ` ${kind} ${name}: ${trouble ?? step.detail}.`;
}

/** @param {HTMLElement} root @param {Step[]} steps */
function paintSteps(root, steps) {
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
  if (active instanceof HTMLElement && !isRead) keepInView(root, active);
}

/** @param {Step} step */
function stepKey({ object }) {
  return `${object.kind}/${object.namespace ?? ""}/${object.name}`;
}

/** @param {HTMLElement} root @param {Step} step */
function fillStep(root, step) {
  const { kind, namespace, name } = step.object;
  mark(root, "data-tone", FINISHED.includes(step.result) ? "done" : step.result);
  say(part(root, "object"), `${kind} ${namespace ? `${namespace}/` : ""}${name}`);
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
