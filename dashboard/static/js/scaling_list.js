// @ts-check
/** Which autoscaler the page is about, which others there are, and why there is none; web/scaling/choosing.py says the same first. */

import { byId, clone, mark, matchChildren, part, say } from "./dom.js";
import { focusHpa, keyOf } from "./focus.js";
import { paintState } from "./scaling_explained.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

const RESOURCE = "horizontalpodautoscalers";

/** @param {State} state */
export function showList(state) {
  state.subscribe(["hpas", "why", "connection"], () => {
    const hpa = focusHpa(state);
    paintAbout(hpa);
    paintChoices(state, hpa);
    paintAbsence(hpa ? null : absence(state));
  });
}

/** @param {Row | undefined} hpa */
function paintAbout(hpa) {
  const root = byId("hpa-about");
  root.hidden = !hpa;
  if (!hpa) return;
  say(part(root, "name"), `${hpa.namespace} / ${hpa.name}`);
  say(part(root, "target"), `scales ${hpa.target?.kind ?? "its target"} ${hpa.target?.name ?? ""}`.trimEnd());
  say(part(root, "bounds"), `${hpa.min ?? 1} to ${hpa.max ?? "–"} replicas`);
}

/** @param {State} state @param {Row | undefined} current */
function paintChoices(state, current) {
  const root = byId("hpa-choices");
  const rows = [...state.rows("hpas").values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  root.hidden = !(rows.length > 1 || (rows.length && !current));
  matchChildren(part(root, "list"), rows, {
    key: keyOf,
    make: () => clone("t-choice"),
    fill: (made, row) => {
      const link = made.querySelector("a");
      if (link) {
        mark(link, "href", `?hpa=${encodeURIComponent(keyOf(row))}`);
        mark(link, "aria-current", current && keyOf(current) === keyOf(row) ? "page" : null);
      }
      say(part(made, "name"), keyOf(row));
      paintState(made, state.row("why", row.uid));
    },
  });
}

/** @param {State} state */
function absence(state) {
  const resource = state.row("connection", RESOURCE);
  if (resource?.state === "forbidden") {
    return said("forbidden", "The autoscalers may not be read", "What scales, and why, cannot be seen.");
  }
  if ((state.row("connection", "cluster")?.state ?? "syncing") === "syncing" || resource?.state === "syncing") {
    return said("syncing", "The cluster is being read", "What scales, and why, is told as soon as it is known.");
  }
  const asked = byId("scaling").dataset.hpa;
  if (asked) return said("gone", `There is no autoscaler ${asked}`, "It may have been deleted, or not be deployed yet.");
  return said("none", "Nothing scales by itself yet", "There is no HorizontalPodAutoscaler in the namespaces that are watched. The bundle flask brings one.");
}

/** @param {string} kind @param {string} title @param {string} text */
function said(kind, title, text) {
  return { kind, title, text };
}

/** @param {ReturnType<typeof absence> | null} found */
function paintAbsence(found) {
  mark(byId("scaling"), "data-shown", found ? "nothing" : "hpa");
  const root = byId("absence");
  root.hidden = !found;
  mark(root, "data-kind", found?.kind ?? "");
  say(part(root, "title"), found?.title ?? "");
  say(part(root, "text"), found?.text ?? "");
  part(root, "deploy").hidden = found?.kind !== "none";
}
