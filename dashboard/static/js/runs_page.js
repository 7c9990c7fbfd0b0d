// @ts-check
/** Wires the modules of the pages about runs together; each finds its own part of the page, or nothing to do. */

import { showComparison } from "./compare_chart.js";
import { localTimes } from "./deploy_words.js";
import { byId, say } from "./dom.js";
import { startPage } from "./page.js";
import { showParts } from "./run_parts.js";
import { StillRun } from "./run_still.js";
import { startEach } from "./starting.js";

const AGAIN_MS = 4000;
const [LEAST, MOST] = [2, 4];

/** The chart of one run, and more of it while it is recorded. */
async function showRun() {
  const root = document.getElementById("run");
  if (!root) return;
  const read = async () => {
    const answer = await fetch(root.dataset.source ?? "", { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : null;
  };
  const run = await read();
  if (!run) return;
  const tide = showParts(run);
  if (run.state !== "recording") return;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const more = await read().catch(() => null); // away for a moment; the sign on top says so
    if (!more) return;
    if (more.state !== "recording") {
      clearInterval(timer);
      if (!document.getElementById("edit")?.hasAttribute("open")) location.reload();
    } else if (tide) tide.replace(new StillRun(more));
    else location.reload();
  }, AGAIN_MS);
}

/** Two to four can be compared; the button says how many are missing. */
function wireComparing() {
  const form = document.getElementById("compare-form");
  if (!form) return;
  const button = /** @type {HTMLButtonElement} */ (byId("compare-button"));
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[name='run']")]);
  const paint = () => {
    const count = boxes.filter((box) => box.checked).length;
    button.disabled = count < LEAST || count > MOST;
    for (const box of boxes) box.disabled = !box.checked && count >= MOST;
    say(button, count >= LEAST ? `Compare ${count}` : "Compare");
    say(byId("compare-hint"), count === 1 ? "Tick one more to compare." : count >= MOST ? "Four is the most." : "Tick two to four to compare them.");
  };
  form.addEventListener("change", paint);
  window.addEventListener("pageshow", paint);
  paint();
}

/** Answers that replace a part of the page bring their times in UTC. */
function wireAnswers() {
  document.body.addEventListener("htmx:afterSettle", () => localTimes(document));
}

startPage();
startEach([() => localTimes(document), wireComparing, wireAnswers, showComparison, showRun]);
