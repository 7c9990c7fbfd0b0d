// @ts-check
/** A recorded run in the shape of the live state, so that the same chart draws it. Nothing in it ever changes. */

import { millis } from "./format.js";

/** @typedef {import("./state.js").Row} Row */
/** @typedef {import("./state.js").Rows} Rows */

const UID = "recorded";
const WORKLOAD = { kind: "Deployment", namespace: "flask", name: "guestbook" };

export class StillRun {
  /** @param {Row} run the run's document */
  constructor(run) {
    this.run = run;
    this.known = true;
    const workload = run.scaled?.workload ?? WORKLOAD;
    const hpa = run.scaled?.hpa;
    /** @type {Record<string, Rows>} */
    this.views = {
      samples: rowsOf(run.samples, (row) => row.t),
      flags: rowsOf(run.flags, (row, i) => row.id ?? i),
      pod_spans: rowsOf((run.spans ?? []).map((/** @type {Row} */ row) => ({ ...row, workload: UID, namespace: workload.namespace })), (row, i) => row.uid ?? i),
      workloads: rowsOf([{ ...workload, uid: UID }], () => UID),
      hpas: rowsOf(hpa ? [{ ...hpa, target: { kind: workload.kind, name: workload.name } }] : [], () => UID),
    };
  }

  /** @param {string} view @returns {Rows} */
  rows(view) {
    return this.views[view] ?? new Map();
  }

  row() {
    return undefined;
  }

  /** The end of the record, in ms: beyond it nothing is known. */
  now() {
    return this.run.samples?.at(-1)?.t ?? millis(this.run.finished_at) ?? millis(this.run.started_at) ?? 0;
  }

  knownUntil() {
    return this.now();
  }

  subscribe() {}
}

/** @param {Row[] | undefined} rows @param {(row: Row, index: number) => unknown} key @returns {Rows} */
function rowsOf(rows, key) {
  return new Map((rows ?? []).map((row, i) => [String(key(row, i)), row]));
}
