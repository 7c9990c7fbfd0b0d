// @ts-check
/** Which autoscaler and which workload the page is about: the one its address names, else the sample app's, else the first by name. */

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Row} Row */

/** How an address names an autoscaler. @param {Row} hpa */
export function keyOf(hpa) {
  return `${hpa.namespace}/${hpa.name}`;
}

/** @param {State} state @returns {Row | undefined} */
export function focusHpa(state) {
  const rows = [...state.rows("hpas").values()];
  const asked = document.querySelector("main")?.dataset.hpa; // a page that is about one says which
  if (asked) return rows.find((row) => keyOf(row) === asked || row.uid === asked);
  return rows.find((row) => row.name === "guestbook") ?? rows.sort((a, b) => String(a.name).localeCompare(String(b.name)))[0];
}

/** The pods whose bars make up the replicas band. @param {State} state @returns {Row[]} */
export function focusSpans(state) {
  const hpa = focusHpa(state);
  const workloads = [...state.rows("workloads").values()];
  const workload = hpa
    ? workloads.find((row) => row.namespace === hpa.namespace && row.kind === hpa.target?.kind && row.name === hpa.target?.name)
    : workloads.find((row) => row.name === "guestbook");
  const spans = [...state.rows("pod_spans").values()];
  const namespace = workload?.namespace ?? hpa?.namespace ?? "flask";
  const owned = workload ? spans.filter((row) => row.workload === workload.uid) : [];
  // A deleted workload's pods still have their bars.
  return owned.length ? owned : spans.filter((row) => row.namespace === namespace);
}
