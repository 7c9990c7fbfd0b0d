/* Keeps the page fresh: which pod answers, how many entries, who is primary, the newest lines. One small request every
   two seconds, none on a hidden tab, fewer while nobody answers. It never touches the form, never reloads, and makes
   no markup out of text. Addresses are relative, because the page is also shown below a proxy's path. */
"use strict";

(() => {
  const PERIOD_MS = 2000;
  const SLOWEST_MS = 16000;
  const PATIENCE_MS = 6000;
  const SHOWN = 20;
  const STEPS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const byId = (id) => document.getElementById(id);
  let pause = PERIOD_MS;
  let timer = 0;
  let asking = false;
  let heardAt = new Date();

  document.documentElement.dataset.fresh = "";

  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function ago(from, now) {
    const seconds = Math.floor((now - Date.parse(from)) / 1000);
    const step = STEPS.find(([length]) => seconds >= length);
    return step ? `${Math.floor(seconds / step[0])} ${step[1]}` : "just now";
  }

  function added(entry) {
    const line = document.createElement("li");
    line.id = `e${entry.id}`;
    line.className = `c${Number(entry.colour)} new`;
    const text = document.createElement("p");
    text.textContent = entry.text;
    const small = document.createElement("small");
    if (entry.name) {
      const name = document.createElement("b");
      name.textContent = entry.name;
      small.append(name, " · ");
    }
    const time = document.createElement("time");
    time.dateTime = entry.created_at;
    const by = document.createElement("span");
    by.className = "by";
    const end = entry.pod.lastIndexOf("-") + 1;
    const long = document.createElement("span");
    long.className = "long";
    long.textContent = entry.pod.slice(0, end);
    by.append(long, entry.pod.slice(end));
    small.append(time, " · ", by);
    line.append(text, " ", small);
    return line;
  }

  function showEntries(newest, now) {
    const list = byId("entries");
    const kept = new Set();
    let before = list.firstElementChild;
    for (const entry of newest) {
      let line = byId(`e${entry.id}`);
      if (!line) line = added(entry);
      if (line === before) before = before.nextElementSibling;
      else list.insertBefore(line, before);
      kept.add(line);
      say(line.querySelector("time"), ago(entry.created_at, now));
    }
    for (const line of [...list.children]) if (!kept.has(line)) line.remove();
    byId("empty").hidden = newest.length > 0;
  }

  function show(page) {
    const pod = byId("pod");
    say(pod, page.pod);
    pod.className = `pod c${Number(page.colour)}`;
    say(byId("count"), page.entries === null ? "unknown" : page.entries.toLocaleString("en-US"));
    say(byId("count-word"), page.entries === 1 ? "entry" : "entries");
    say(byId("primary"), page.primary ?? "unknown");
    byId("away").replaceChildren(...page.away.map((name) => {
      const badge = document.createElement("span");
      badge.className = "away";
      badge.textContent = `${name} away`;
      return badge;
    }));
    showEntries(page.newest, Date.parse(page.now));
    byId("book-away").hidden = true;
  }

  function heard() {
    heardAt = new Date();
    pause = PERIOD_MS;
    byId("silent").hidden = true;
    delete document.documentElement.dataset.silent;
  }

  /* What stands here is old now, and says so. */
  function silent() {
    pause = Math.min(2 * pause, SLOWEST_MS);
    if (new Date() - heardAt < PATIENCE_MS) return;
    document.documentElement.dataset.silent = "";
    byId("silent").hidden = false;
    say(byId("silent"), `No answer since ${heardAt.toLocaleTimeString("en-GB")}. What you see is from then.`);
  }

  async function ask() {
    const answer = await fetch(`api/page?limit=${SHOWN}`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
    const page = isJson ? await answer.json() : null;
    if (answer.ok && page) {
      show(page);
      heard();
    } else if (page?.error) {
      heard();
      byId("book-away").hidden = false;
      say(byId("book-away"), page.error);
    } else silent();
  }

  async function turn() {
    clearTimeout(timer);
    if (document.hidden || asking) return;
    asking = true;
    try {
      await ask();
    } catch {
      silent();
    } finally {
      asking = false;
    }
    timer = setTimeout(turn, pause);
  }

  document.addEventListener("visibilitychange", turn);
  timer = setTimeout(turn, PERIOD_MS);
})();
