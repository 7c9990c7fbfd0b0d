// @ts-check
/** What states are called on the Deploy page, and how objects are named; dashboard/web/deploy/words.py says the same. */

/** @typedef {import("./state.js").Row} Row */

/** @type {Record<string, string>} */
export const BUNDLE_STATES = {
  absent: "not deployed",
  partial: "partly there",
  ok: "healthy",
  progressing: "getting ready",
  failed: "failed",
  unknown: "unknown",
};

/** @type {Record<string, string>} */
export const OBJECT_STATES = {
  absent: "not there",
  ok: "healthy",
  progressing: "getting ready",
  failed: "failed",
  suspended: "suspended",
  unknown: "unknown",
};

/** @type {Record<string, string>} */
export const REVISION_STATES = { applying: "being applied", applied: "applied", failed: "failed", removed: "torn down" };

/** @param {{kind: string, namespace?: string | null, name: string}} object */
export function named({ kind, namespace, name }) {
  return `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
}

const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const today = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** "14:03" of today, else "22 Nov, 14:03", in this browser's time zone. @param {string | null | undefined} iso */
export function moment(iso) {
  const date = new Date(iso ?? "");
  if (Number.isNaN(date.getTime())) return "–";
  return (date.toDateString() === new Date().toDateString() ? today : short).format(date);
}

/** Times that the server wrote in UTC, in this browser's time zone. @param {ParentNode} root */
export function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const iso = time.getAttribute("datetime");
    if (!iso || !Number.isFinite(Date.parse(iso))) continue;
    time.textContent = moment(iso);
    time.setAttribute("title", new Date(iso).toLocaleString());
  }
}
