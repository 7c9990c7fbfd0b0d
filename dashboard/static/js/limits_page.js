// @ts-check
/** Wires the modules of the Limits page together. It knows all of them; none of them knows it. */

import { showBlast } from "./limits_blast.js";
import { showBlocked, showContainers, showKills, showMemory, showNamespaces } from "./limits_tables.js";
import { startPage } from "./page.js";
import { startEach, withState } from "./starting.js";

const state = startPage();
startEach(withState([showBlocked, showNamespaces, showMemory, showKills, showContainers, showBlast], state));
