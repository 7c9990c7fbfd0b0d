// @ts-check
/**
 * The only text that becomes markup is what our own server has just answered to htmx. Everything else that is handed to
 * a place where the browser would make markup or script of it is refused by the browser (Trusted Types).
 */

/** htmx puts an answer into the page at once; two forms may be answered at the same time. */
const LATEST = 4;
/** htmx wraps an answer that is only a part of a page. */
const BEFORE = '<body><template class="internal-htmx-wrapper">';
const AFTER = "</template></body>";
/** What a page's answer loses before it is wrapped. */
const HEAD = /<head(\s[^>]*)?>[\s\S]*?<\/head>/i;

/** @type {string[]} */
const answers = [];

document.addEventListener("htmx:beforeSwap", (event) => {
  const { serverResponse } = /** @type {CustomEvent<{serverResponse: string}>} */ (event).detail;
  answers.unshift(serverResponse, BEFORE + serverResponse + AFTER, serverResponse.replace(HEAD, ""));
  answers.length = Math.min(answers.length, 3 * LATEST);
});

/** @type {{trustedTypes?: {createPolicy: (name: string, rules: object) => unknown}}} */ (window).trustedTypes?.createPolicy(
  "default",
  { createHTML: (/** @type {string} */ text) => (answers.includes(text) ? text : null) },
);
