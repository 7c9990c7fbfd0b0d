// @ts-check
/** The key P leads from the Stage to Present mode; not while somebody writes, chooses or reads a dialog. */

export function wirePresentKey() {
  const link = /** @type {HTMLAnchorElement | null} */ (document.getElementById("open-present"));
  if (!link) return;
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "p" || event.defaultPrevented || event.repeat) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const at = event.target instanceof Element ? event.target : null;
    if (at?.closest("input, textarea, select, [contenteditable], dialog") || document.querySelector("dialog[open]")) return;
    location.assign(link.href);
  });
}
