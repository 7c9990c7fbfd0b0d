// @ts-check
/**
 * Who is signed in and what they may, as it is now: rights can change while the page is open, and a sign-in can end.
 * A control says by data-needs what it takes; one that is not covered stays in reach, and says why when it is pressed.
 * The server decides anyway.
 */

import { mark, part, say } from "./dom.js";
import { clock, millis, span } from "./format.js";
import { toast } from "./toasts.js";

/** @typedef {import("./live.js").Link} Link */
/** @typedef {{name: string, can: string, capabilities: string[], why: Record<string, string>, read_only: boolean, runs_out_at: string | null}} Me */

/** The server looks at a session once a minute by itself; asking is cheap and begins no such look. */
const ASKED_EVERY_MS = 20000;
const SOON_S = 600;
/** @type {Record<string, string>} */
const GAINED = { loadtest: "You may start load now.", apply: "You may deploy now." };

/** @type {Record<string, string>} */
const LOST = { loadtest: "You may not start or stop load any more.", apply: "You may not deploy any more." };

/** @param {Link} link */
export function showRights(link) {
  window.addEventListener("click", refuse, true);
  // A page that nobody sees asks for nothing; it does when it is seen again.
  const ask = () => void (document.hidden || look(link));
  let away = false;
  link.onChange(() => {
    if (link.freshness === "signed-out") return signedOut();
    if (link.freshness === "live" && away) ask();
    away = link.freshness !== "live";
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const status = /** @type {CustomEvent} */ (event).detail.xhr?.status;
    if (status === 403) ask();
    if (status === 401) link.become("signed-out");
  });
  paintLeft();
  if ("local" in document.body.dataset) return;
  wireCard();
  setInterval(ask, ASKED_EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  setInterval(paintLeft, 1000);
}

/** Whether the person may, as far as the page knows. @param {string} capability */
export function covers(capability) {
  return (document.body.dataset.may ?? "").split(" ").includes(capability);
}

/** Nothing is done by a control that is not covered; it says why instead. @param {Event} event */
function refuse(event) {
  const control = event.target instanceof Element ? event.target.closest("[data-needs]") : null;
  if (!(control instanceof HTMLElement) || covers(control.dataset.needs ?? "")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  toast(`Not allowed. ${control.dataset.why}`, "bad");
}

/** @param {Link} link */
async function look(link) {
  if (link.freshness === "signed-out") return;
  try {
    const answer = await fetch("/api/v1/me", { headers: { Accept: "application/json" } });
    if (answer.status === 401) return link.become("signed-out");
    if (answer.ok) take(await answer.json());
  } catch {
    // away for a moment; the sign on top says so
  }
}

/** @param {Me} me */
function take(me) {
  const before = (document.body.dataset.may ?? "").split(" ");
  const now = me.capabilities;
  const reasons = Object.entries(me.why);
  for (const [capability, why] of reasons) tellWhy(capability, why);
  paintCard(me);
  if (before.join(" ") === now.join(" ")) return;
  document.body.dataset.may = now.join(" ");
  paintControls();
  const lost = before.filter((each) => !now.includes(each)).pop();
  const gained = now.filter((each) => !before.includes(each)).pop();
  if (lost) toast(["Your rights have changed.", LOST[lost], me.why[lost]].filter(Boolean).join(" "), "bad");
  else if (gained && GAINED[gained]) toast(`Your rights have changed. ${GAINED[gained]}`, "good");
}

function paintControls() {
  for (const control of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-needs]"))) {
    const may = covers(control.dataset.needs ?? "");
    mark(control, "aria-disabled", may ? null : "true");
    if (!may) mark(control, "title", control.dataset.why ?? "");
    else if (control.title === control.dataset.why) control.removeAttribute("title");
    describe(control, may);
  }
  for (const reason of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-lacks]"))) {
    reason.hidden = covers(reason.dataset.lacks ?? "");
  }
}

/** The words beside a control describe it only while they are shown. @param {HTMLElement} control @param {boolean} may */
function describe(control, may) {
  const { reason } = control.dataset;
  if (!reason) return;
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== reason);
  mark(control, "aria-describedby", (may ? others : [...others, reason]).join(" ") || null);
}

/** The server's sentence, wherever it is told. @param {string} capability @param {string} why */
function tellWhy(capability, why) {
  for (const control of document.querySelectorAll(`[data-needs="${capability}"]`)) mark(control, "data-why", why);
  for (const place of document.querySelectorAll(`[data-lacks="${capability}"] [data-f="right-why"], [data-right="${capability}"] [data-f="lack"]`)) say(place, why);
}

/** @param {Me} me */
function paintCard(me) {
  const who = document.getElementById("who");
  if (!who) return;
  say(part(who, "can"), me.can);
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (who.querySelectorAll("[data-right]"))) {
    const has = me.capabilities.includes(row.dataset.right ?? "");
    mark(row, "data-tone", has ? "ok" : "denied");
    say(part(row, "has"), has ? "yes" : "no");
    part(row, "lack").hidden = has;
  }
  mark(part(who, "ends"), "datetime", me.runs_out_at ?? "");
  part(who, "until").hidden = !me.runs_out_at;
  paintLeft();
}

/** When the sign-in runs out, and how long that is; told on the bar itself when it is soon. */
function paintLeft() {
  const who = document.getElementById("who");
  if (!who) return;
  const time = part(who, "ends");
  const ends = millis(time.getAttribute("datetime"));
  if (ends === null) return;
  const left = (ends - Date.now()) / 1000;
  say(time, clock(ends).slice(0, 5));
  say(part(who, "left"), left > 0 ? `, in ${span(left)}` : ", which is over");
  const soon = part(who, "soon");
  soon.hidden = left > SOON_S;
  say(soon, left > 0 ? `${span(left)} left` : "ran out");
}

/** The card closes like a menu. */
function wireCard() {
  const who = /** @type {HTMLDetailsElement | null} */ (document.getElementById("who"));
  if (!who) return;
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !who.contains(event.target)) who.open = false;
  });
  who.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !who.open) return;
    who.open = false;
    who.querySelector("summary")?.focus();
  });
}

/** Nothing can be done any more; the notice says so, with the way back. */
function signedOut() {
  document.body.dataset.may = "";
  paintControls();
  const again = document.getElementById("sign-in-again");
  if (again) again.hidden = false;
  const who = document.getElementById("who");
  if (who) who.hidden = true;
  const out = document.getElementById("sign-out");
  if (out) out.hidden = true;
}
