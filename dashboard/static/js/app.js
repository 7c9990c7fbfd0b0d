// @ts-check
/** The sample app, live, in a sandboxed frame: shown when it answers, explained when it does not. */

import { isDenied } from "./denied.js";
import { byId, mark, part, say } from "./dom.js";

/** @typedef {import("./state.js").State} State */

/** @param {State} state */
export function showApp(state) {
  const root = byId("app");
  const frame = /** @type {HTMLIFrameElement} */ (byId("app-frame"));
  const load = () => {
    frame.src = frame.dataset.src ?? "";
  };
  byId("app-reload").addEventListener("click", load);
  state.subscribe(["app", "stack", "workloads", "connection"], () => {
    const app = state.only("app");
    const reachable = app?.reachable ?? null;
    // Once shown, the frame stays while the app is away for a moment: the page in it says so itself.
    const keep = reachable === true || (Boolean(frame.getAttribute("src")) && isDeployed(state, app));
    const returned = reachable === true && root.dataset.reachable !== "true";
    mark(root, "data-reachable", String(reachable));
    say(part(root, "name"), app?.name ?? "guestbook");
    if (reachable === true && (returned || !frame.getAttribute("src"))) load();
    if (!keep && frame.getAttribute("src")) frame.removeAttribute("src");
    frame.hidden = !keep;
    byId("app-away").hidden = keep;
    byId("app-reload").hidden = !keep;
    showAddress(app, reachable);
    const unseen = reachable === null && isDenied(state, "app", "deployments");
    say(part(root, "title"), unseen ? "Not to be seen" : isDeployed(state, app) ? "Starting" : "Not there yet");
    say(part(root, "text"), unseen ? "Whether its pods are ready may not be read." : "The app appears here, live, as soon as its first pod is ready.");
  });
}

/** @param {State} state @param {import("./state.js").Row | undefined} app */
function isDeployed(state, app) {
  return [...state.rows("workloads").values()].some((row) => row.namespace === app?.namespace && row.name === app?.name);
}

/** @param {import("./state.js").Row | undefined} app @param {boolean | null} reachable */
function showAddress(app, reachable) {
  const address = /** @type {HTMLAnchorElement} */ (byId("app-address"));
  const url = /^https?:\/\//.test(app?.url ?? "") ? app?.url : null;
  address.hidden = reachable !== true;
  if (url) address.href = url;
  say(part(address, "address"), url ? url.replace(/^https?:\/\//, "").replace(/\/$/, "") : "open");
}
