// @ts-check
/** Wires a report: a file opened from a disk, with its data inside. It asks nobody for anything. */

import { byId } from "./dom.js";
import { millis } from "./format.js";
import { showParts } from "./run_parts.js";

const whole = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

// A report may be read years later, so that its times tell the day, in the reader's own time zone.
for (const time of document.querySelectorAll("time[data-local]")) {
  const at = millis(time.getAttribute("datetime"));
  if (at !== null) time.textContent = whole.format(at);
}
showParts(JSON.parse(byId("run-data").textContent ?? "{}"));
