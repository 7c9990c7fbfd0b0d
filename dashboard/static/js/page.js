// @ts-check
/** What every live page has: the state, the socket, the connection sign, the tab's title, the signs on top, rights, toasts. */

import "./trusted.js";
import { showBanner } from "./banner.js";
import { showBlastBanner } from "./blast_banner.js";
import { connectionTone, showConnection } from "./connection.js";
import { showDenied } from "./denied.js";
import { startLive } from "./live.js";
import { showRights } from "./rights.js";
import { showSigns } from "./signs.js";
import { startEach } from "./starting.js";
import { State } from "./state.js";
import { showTitle } from "./title.js";
import { wireToasts } from "./toasts.js";

/** @returns {State} */
export function startPage() {
  const state = new State();
  const link = startLive(state);
  startEach([
    wireToasts,
    function connection() { showConnection(state, link); },
    function title() { showTitle(state, link, () => connectionTone(state, link)); },
    function denied() { showDenied(state); },
    function rights() { showRights(link); },
    function signs() { showSigns(state); },
    function banner() { showBanner(state); },
    function blastBanner() { showBlastBanner(state); },
  ]);
  return state;
}
