// @ts-check
/** The ticks: how many bundles a plan is of, and whether what stands in the way of an apply has been answered. */

import { byId, mark, say } from "./dom.js";

/** How the button of the overview is called depends on what is ticked. */
export function wireChoice() {
  const form = document.getElementById("plan-form");
  if (!form) return;
  const ticks = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name='bundle']"));
  const paint = () => {
    const ticked = [...ticks].filter((tick) => tick.checked).length;
    say(byId("plan-button"), ticked ? `Plan ${ticked} of ${ticks.length}` : "Plan all");
  };
  form.addEventListener("change", paint);
  form.addEventListener("submit", () => {
    // The form itself is what the browser sends; only a second click is kept off while the cluster answers.
    setTimeout(() => {
      say(byId("plan-hint"), "Asking the cluster about every object…");
      /** @type {HTMLButtonElement} */ (byId("plan-button")).disabled = true;
    });
  });
  // Coming back by the browser's own button finds the page as it was left.
  addEventListener("pageshow", (event) => {
    if (event.persisted) /** @type {HTMLButtonElement} */ (byId("plan-button")).disabled = false;
  });
  paint();
}

/** Apply is there as soon as nothing stands in its way. */
export function wirePlan() {
  const form = document.getElementById("apply-form");
  if (!form) return;
  const button = /** @type {HTMLButtonElement} */ (byId("apply-button"));
  const why = byId("apply-why");
  const ticks = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("input[name='take_over']")]);
  const blocked = form.dataset.blocked ?? "";
  const ready = why.dataset.ready ?? "";
  const paint = () => {
    const open = ticks.filter((tick) => "conflict" in tick.dataset && !tick.checked).length;
    const reason = blocked || (open ? why.dataset.conflictWords ?? "" : "");
    button.disabled = Boolean(reason);
    mark(why, "data-tone", reason ? "blocked" : null);
    say(why, reason || ready);
    const again = /** @type {HTMLAnchorElement} */ (byId("plan-again"));
    const url = new URL(again.href);
    url.searchParams.delete("take_over");
    for (const tick of ticks) if (tick.checked) url.searchParams.append("take_over", tick.value);
    again.href = url.href;
  };
  for (const tick of ticks) tick.addEventListener("change", paint);
  paint();
}
