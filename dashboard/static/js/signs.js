// @ts-check
/** Stack health and viewers, on top of every live page. */

import { byId, mark, part, say } from "./dom.js";
import { counted } from "./format.js";

/** @param {import("./state.js").State} state */
export function showSigns(state) {
  state.subscribe(["stack"], () => {
    const health = state.row("stack", "health");
    const sign = byId("stack");
    mark(sign, "data-tone", health?.state ?? "unknown");
    mark(sign, "title", health?.sentence ?? "");
    say(part(sign, "text"), health?.sentence ?? "");
  });
  state.subscribe(["viewers"], () => {
    const count = state.row("viewers", "count")?.count;
    say(part(byId("viewers"), "text"), typeof count === "number" ? counted(count, "viewer") : "");
  });
}
