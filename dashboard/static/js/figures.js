// @ts-check
/** The row of large figures: the newest sample, in words the first paint used too. */

import { byId, part, say } from "./dom.js";
import { number } from "./format.js";
import { focusHpa } from "./focus.js";

/** @typedef {import("./state.js").State} State */

/** @param {State} state */
export function showFigures(state) {
  const root = byId("figures");
  state.subscribe(["samples", "hpas"], () => {
    const sample = newest(state.rows("samples")) ?? {};
    const hpa = focusHpa(state);
    const target = sample.cpu_target ?? hpa?.cpu_target;
    say(part(root, "users"), number(sample.users));
    say(part(root, "rps"), number(sample.rps));
    say(part(root, "p95"), number(sample.p95_ms));
    say(part(root, "failed"), number(sample.failed_percent, 1));
    say(part(root, "cpu"), number(sample.cpu_percent));
    say(part(root, "cpu_label"), target ? `CPU of request, target ${number(target)}` : "CPU of request");
    say(part(root, "ready"), number(sample.ready));
    say(part(root, "ready_unit"), hpa?.max ? ` of ${hpa.max}` : "");
  });
}

/** @param {import("./state.js").Rows} samples */
export function newest(samples) {
  /** @type {import("./state.js").Row | undefined} */
  let found;
  for (const row of samples.values()) if (!found || row.t > found.t) found = row;
  return found;
}
