// @ts-check
/** Wires a report: a file opened from a disk, with its data inside. It asks nobody for anything. */

import { localTimes } from "./deploy_words.js";
import { byId } from "./dom.js";
import { showParts } from "./run_parts.js";

localTimes(document);
showParts(JSON.parse(byId("run-data").textContent ?? "{}"));
