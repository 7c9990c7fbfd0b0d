// @ts-check
/** Puts words into prepared markup. Text only: nothing here, nor anywhere else, makes markup out of text. */

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/** The part of `root` that shows one field. @param {ParentNode} root @param {string} field @returns {HTMLElement} */
export function part(root, field) {
  const found = root.querySelector(`[data-f="${field}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`There is no part "${field}".`);
  return found;
}

/** Set the text only when it differs, so that nothing is announced or repainted twice. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {string} name @param {string | null} value null takes the attribute away */
export function mark(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {string} template @returns {HTMLElement} */
export function clone(template) {
  const source = /** @type {HTMLTemplateElement} */ (byId(template));
  const first = source.content.firstElementChild?.cloneNode(true);
  if (!(first instanceof HTMLElement)) throw new Error(`#${template} is empty.`);
  return first;
}

/** @param {string} tag @param {string} text @param {string} [className] */
export function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/**
 * Make `parent`'s children match `items`, in order, keeping the ones that stay.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {{key: (item: T) => string, make: (item: T) => HTMLElement, fill: (element: HTMLElement, item: T) => void,
 *          leave?: (element: HTMLElement) => void}} how
 */
export function matchChildren(parent, items, how) {
  /** @type {Map<string, HTMLElement>} */
  const present = new Map();
  for (const child of [...parent.children]) {
    if (!(child instanceof HTMLElement) || child.dataset.moving === "out") continue;
    const key = child.dataset.key ?? "";
    if (present.has(key)) child.remove();
    else present.set(key, child);
  }
  /** @type {Element | null} */
  let at = firstStaying(parent.firstElementChild);
  for (const item of items) {
    const key = how.key(item);
    let child = present.get(key);
    if (child) present.delete(key);
    else {
      child = how.make(item);
      child.dataset.key = key;
    }
    how.fill(child, item);
    if (child === at) at = firstStaying(at.nextElementSibling);
    else parent.insertBefore(child, at);
  }
  for (const child of present.values()) (how.leave ?? ((gone) => gone.remove()))(child);
}

/** @param {Element | null} child */
function firstStaying(child) {
  while (child instanceof HTMLElement && child.dataset.moving === "out") child = child.nextElementSibling;
  return child;
}
