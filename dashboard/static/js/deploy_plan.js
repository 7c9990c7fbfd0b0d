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

const CHOSEN = "The choice is not in this plan yet: plan again, and see what it changes.";

/** The address of the same plan with what is ticked now. @param {string} href @param {HTMLInputElement[]} ticks @param {HTMLInputElement[]} options */
function withTicks(href, ticks, options) {
  const url = new URL(href);
  for (const name of ["take_over", "option", "options_of"]) url.searchParams.delete(name);
  for (const tick of [...ticks, ...options]) if (tick.checked) url.searchParams.append(tick.name, tick.value);
  for (const bundle of new Set(options.map((tick) => tick.value.split(":")[0]))) url.searchParams.append("options_of", bundle);
  return url.href;
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
  const options = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("input[name='option']")]);
  const paint = () => {
    const open = ticks.filter((tick) => "conflict" in tick.dataset && !tick.checked).length;
    const chosen = options.some((tick) => tick.checked !== (tick.dataset.planned === "yes"));
    for (const place of document.querySelectorAll("[data-f='option-again']")) /** @type {HTMLElement} */ (place).hidden = !chosen;
    const reason = chosen ? CHOSEN : blocked || (open ? why.dataset.conflictWords ?? "" : "");
    button.disabled = Boolean(reason);
    mark(why, "data-tone", reason ? "blocked" : null);
    say(why, reason || ready);
    for (const again of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("#plan-again, [data-again]"))) {
      again.href = withTicks(again.href, ticks, options);
    }
  };
  for (const tick of [...ticks, ...options]) tick.addEventListener("change", paint);
  paint();
}
