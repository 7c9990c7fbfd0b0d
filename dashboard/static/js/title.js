// @ts-check
/** The worst of what the page shows, on its tab: a word before the title, and the icon with a sign. */

/** @typedef {import("./state.js").State} State */

/** @type {Record<string, string>} words by the tone of the connection sign */
const WORDS = { stale: "stale", down: "cluster away", forbidden: "not allowed", reconnecting: "reconnecting" };

/** @param {State} state @param {import("./live.js").Link} link @param {() => string} tone of the connection sign */
export function showTitle(state, link, tone) {
  const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel='icon']"));
  const name = document.title;
  const plain = icon?.getAttribute("href") ?? "";
  const update = () => {
    const failed = state.row("stack", "health")?.state === "failed" || state.row("swarm", "current")?.state === "failed";
    const word = WORDS[tone()] ?? (failed ? "trouble" : "");
    const title = word ? `${word} · ${name}` : name;
    if (document.title === title) return;
    document.title = title;
    if (icon) icon.href = word ? plain.replace("mark.svg", WORDS[tone()] && tone() !== "down" ? "mark-stale.svg" : "mark-trouble.svg") : plain;
  };
  link.onChange(update);
  state.subscribe(["connection", "stack", "swarm"], update);
}
