// @ts-check
/** Wires the modules of the Data page together. It knows all of them; none of them knows it. */

import { showKill } from "./data_kill.js";
import { showNames } from "./data_names.js";
import { showSet } from "./data_set.js";
import { showVolumes } from "./data_volumes.js";
import { startPage } from "./page.js";
import { startEach, withState } from "./starting.js";

const state = startPage();
startEach(withState([showSet, showKill, showNames, showVolumes], state));
