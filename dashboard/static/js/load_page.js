// @ts-check
/** Wires the modules of the Load page together. It knows all of them; none of them knows it. */

import { showCeiling } from "./load_ceiling.js";
import { showForm } from "./load_form.js";
import { showNow } from "./load_now.js";
import { showTables } from "./load_tables.js";
import { startPage } from "./page.js";
import { startEach, withState } from "./starting.js";
import { showTide } from "./tide.js";

const state = startPage();
startEach(withState([showNow, showForm, showTables, showCeiling, showTide], state));
