// @ts-check
/** The row of large figures: the newest sample, in words the first paint used too. */

import { isDenied } from "./denied.js";
import { byId, mark, part, say } from "./dom.js";
import { number } from "./format.js";
import { focusHpa } from "./focus.js";

/** @typedef {import("./state.js").State} State */

/** The reads without which the figure is not known. */
const CPU_READS = ["pods", "deployments", "metrics"];
const READY_READS = ["deployments"];

/** @param {State} state */
export function showFigures(state) {
  const root = byId("figures");
  state.subscribe(["samples", "hpas", "connection", "swarm"], () => {
    const sample = newest(state.rows("samples")) ?? {};
    const hpa = focusHpa(state);
    const target = sample.cpu_target ?? hpa?.cpu_target;
    // That no swarm is followed does not mean that there is none, where swarms may not be read.
    const unseen = isDenied(state, "swarm") && (state.only("swarm")?.state ?? "none") === "none";
    sayUnless(unseen, part(root, "users"), number(sample.users));
    sayUnless(unseen, part(root, "rps"), number(sample.rps));
    sayUnless(unseen, part(root, "p95"), number(sample.p95_ms));
    sayUnless(unseen, part(root, "failed"), number(sample.failed_percent, 1));
    sayUnless(isDenied(state, ...CPU_READS), part(root, "cpu"), number(sample.cpu_percent));
    say(part(root, "cpu_label"), target ? `CPU of request, target ${number(target)}` : "CPU of request");
    sayUnless(isDenied(state, ...READY_READS), part(root, "ready"), number(sample.ready));
    say(part(root, "ready_unit"), hpa?.max ? ` of ${hpa.max}` : "");
  });
}

/** What may not be read is neither zero nor a gap. @param {boolean} no @param {HTMLElement} figure @param {string} text */
function sayUnless(no, figure, text) {
  say(figure, no ? "denied" : text);
  const whole = figure.closest("dd");
  if (whole) mark(whole, "data-no", no ? "" : null);
}

/** @param {import("./state.js").Rows} samples */
export function newest(samples) {
  /** @type {import("./state.js").Row | undefined} */
  let found;
  for (const row of samples.values()) if (!found || row.t > found.t) found = row;
  return found;
}
