// @ts-check
/** The Start-swarm dialog: draws the profiles, says in a sentence what will happen, then shows the plan to confirm. */

import { byId, say } from "./dom.js";
import { clock, counted, span } from "./format.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {{users: number, rate: number, seconds: number, workers: number, profile: string}} Plan */

/** @param {State} state */
export function showSwarm(state) {
  if (!document.getElementById("swarm-form")) return;
  const form = /** @type {HTMLFormElement} */ (byId("swarm-form"));
  const dialog = /** @type {HTMLDialogElement} */ (byId("swarm-dialog"));
  const paint = () => {
    const plan = read(form);
    for (const preview of form.querySelectorAll(".preview")) draw(/** @type {SVGElement} */ (preview), plan);
    say(byId("swarm-says"), form.checkValidity() ? announce(plan, state.now()) : complaint(form));
  };
  form.addEventListener("input", paint);
  dialog.addEventListener("opening", paint);
  const plan = byId("swarm-plan-or-refusal");
  dialog.addEventListener("opening", () => plan.replaceChildren());
  plan.addEventListener("htmx:afterSwap", () => /** @type {HTMLElement | null} */ (plan.querySelector("#confirm-swarm"))?.focus());
  plan.addEventListener("click", (event) => {
    if (!(event.target instanceof Element && event.target.closest("[data-drops-plan]"))) return;
    plan.replaceChildren();
    /** @type {HTMLElement | null} */ (form.querySelector("[name=users]"))?.focus();
  });
  document.body.addEventListener("swarm-started", () => dialog.close());
  paint();
}

/** @param {HTMLFormElement} form @returns {Plan} */
function read(form) {
  const data = new FormData(form);
  const whole = (/** @type {string} */ name) => Math.max(1, Math.round(Number(data.get(name)) || 1));
  return {
    users: whole("users"),
    rate: whole("spawn_rate"),
    seconds: 60 * whole("minutes"),
    workers: whole("workers"),
    profile: String(data.get("profile") ?? "steady"),
  };
}

/** @param {Plan} plan @param {number} now ms */
function announce({ users, rate, seconds, workers, profile }, now) {
  const climb = {
    steady: `${users > rate ? `${rate} more each second until all are there` : "all at once"}, then held`,
    steps: `a quarter of them more every ${span(seconds / 4)}`,
    spike: "a fifth of them at first, all of them for the middle third of the time"
  }[profile];
  return (
    `${counted(users, "load user")} will use the guestbook: ${climb}. ` +
    `The traffic comes from ${counted(workers, "worker pod")} in the cluster and goes nowhere else. ` +
    `It ends by itself after ${span(seconds)}, at ${clock(now + 1000 * seconds)}, or when anyone presses Stop.`
  );
}

/** @param {HTMLFormElement} form */
function complaint(form) {
  const wrong = /** @type {HTMLInputElement | null} */ (form.querySelector("input:invalid"));
  const label = wrong?.closest("label")?.querySelector("span")?.textContent ?? "A field";
  return `${label}: a whole number from ${wrong?.min} to ${wrong?.max} is needed.`;
}

/** Load users over time as points in a box of 120 by 40. @param {SVGElement} preview @param {Plan} plan */
function draw(preview, plan) {
  const line = preview.querySelector("polyline");
  const climb = Math.min(0.9, plan.users / plan.rate / plan.seconds);
  const points = shape(preview.dataset.profile ?? "", climb);
  line?.setAttribute("points", points.map(([x, y]) => `${(2 + x * 116).toFixed(1)},${(37 - y * 33).toFixed(1)}`).join(" "));
}

/** @param {string} profile @param {number} climb share of the time that reaching all users takes @returns {number[][]} */
function shape(profile, climb) {
  if (profile === "steps") {
    const up = Math.min(climb / 4, 0.2);
    return [0, 1, 2, 3].flatMap((step) => [[step / 4, step / 4], [step / 4 + up, (step + 1) / 4]]).concat([[1, 1], [1, 0]]);
  }
  if (profile === "spike") {
    const up = Math.min(climb, 0.25);
    return [[0, 0], [up / 5, 0.2], [0.33, 0.2], [0.33 + up, 1], [0.67, 1], [0.67 + up / 4, 0.2], [1, 0.2], [1, 0]];
  }
  return [[0, 0], [climb, 1], [1, 1], [1, 0]];
}
