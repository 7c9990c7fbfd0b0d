// @ts-check
/** The connection sign and the notice: how fresh is what the page shows? Socket and cluster, the worse of the two. */

import { byId, mark, part, say } from "./dom.js";
import { clock } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./live.js").Link} Link */

const SIGNED_OUT = "Signed out: this session has ended. Nothing was stopped by that, and what you see is as it was.";

/** @param {State} state @param {Link} link */
export function showConnection(state, link) {
  const update = () => paint(judge(state, link), state.row("connection", "cluster")?.cluster ?? "");
  link.onChange(update);
  state.subscribe(["connection"], update);
  update(); // the server called it live when it made the page; now it is for the socket to say
}

/** How the connection is in one word: live, syncing, reconnecting, stale, down, forbidden. @param {State} state @param {Link} link */
export function connectionTone(state, link) {
  return judge(state, link).tone;
}

/**
 * @param {State} state @param {Link} link
 * @returns {{tone: string, text: string, notice: string}}
 */
function judge(state, link) {
  const row = state.row("connection", "cluster");
  if (link.freshness === "signed-out") {
    const ended = document.querySelector("main")?.dataset.ended; // a page that was opened by a share link says so itself
    return { tone: "forbidden", text: ended ? "link ended" : "signed out", notice: ended ?? SIGNED_OUT + ("local" in document.body.dataset ? " `surgeboard url` prints a fresh link." : "") };
  }
  if (link.freshness === "stale") {
    return { tone: "stale", text: `stale since ${clock(link.heardAt)}`, notice: `What you see is as of ${clock(link.heardAt)}. The dashboard does not answer; it is tried again all the time.` };
  }
  if (link.freshness === "reconnecting") return { tone: "reconnecting", text: "reconnecting…", notice: "" };
  if (link.freshness === "connecting" || !row) return { tone: "syncing", text: "connecting…", notice: "" };
  return judgeCluster(row);
}

/** @param {import("./state.js").Row} row */
function judgeCluster(row) {
  const since = row.since ? ` since ${clock(row.since)}` : "";
  const detail = row.detail ? ` ${row.detail}` : "";
  switch (row.state) {
    case "live":
      return { tone: "live", text: "live", notice: "" };
    case "syncing":
      return { tone: "syncing", text: "reading the cluster", notice: `Reading the cluster for the first time.${detail}` };
    case "stale":
      return { tone: "stale", text: `stale${since}`, notice: `The cluster has sent nothing${since}; what you see is from then.${detail}` };
    case "forbidden":
      return { tone: "forbidden", text: "not allowed", notice: `The cluster does not let the dashboard read everything it needs.${detail}` };
    default:
      return { tone: "down", text: `cluster away${since}`, notice: `The cluster does not answer${since}.${detail} It is tried again all the time.` };
  }
}

/** @param {{tone: string, text: string, notice: string}} judged @param {string} cluster */
function paint({ tone, text, notice }, cluster) {
  const sign = byId("connection");
  mark(sign, "data-tone", tone);
  say(part(sign, "text"), cluster && tone !== "forbidden" ? `${text} · ${cluster}` : text);
  const bar = byId("notice");
  bar.hidden = !notice;
  mark(bar, "data-tone", tone);
  say(part(bar, "text"), notice);
  const main = document.querySelector("main");
  if (main) mark(main, "data-stale", ["stale", "down", "forbidden"].includes(tone) ? "" : null);
}
