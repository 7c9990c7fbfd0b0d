// @ts-check
/** Draws one experiment from the points that came with its row (limits/blast/picture.py): memory, bound, requests. */

import { clone, mark, matchChildren, part, say } from "./dom.js";

/** @typedef {import("./state.js").Row} Row */

const SVG = "http://www.w3.org/2000/svg";

/** @param {HTMLElement} figure @param {Row} row */
export function drawPicture(figure, row) {
  mark(/** @type {HTMLElement} */ (figure.querySelector(".blast-plot")), "aria-label", row.says);
  say(part(figure, "bound"), row.bound);
  say(part(figure, "says"), row.says);
  const plot = /** @type {SVGElement} */ (figure.querySelector(".blast-memory"));
  plot.replaceChildren(
    made("rect", { class: "blast-over", x: 0, y: 0, width: row.width, height: row.bound_y }),
    made("line", { class: "blast-bound", x1: 0, x2: row.width, y1: row.bound_y, y2: row.bound_y }),
    ...row.marks.map((/** @type {Row} */ each) => made("line", { class: "blast-mark", x1: each.x, x2: each.x, y1: 0, y2: row.height })),
    ...row.lines.map((/** @type {Row} */ each) => made("polyline", { class: "blast-line", points: each.points })),
  );
  matchChildren(/** @type {Element} */ (figure.querySelector("[data-lanes]")), row.lanes, { key: (each) => each.key, make: () => clone("t-lane"), fill: drawLane });
  const ticks = /** @type {HTMLElement} */ (figure.querySelector("[data-ticks]"));
  if (ticks.textContent?.replace(/\s/g, "") !== row.ticks.join("").replace(/\s/g, "")) {
    ticks.replaceChildren(...row.ticks.map((/** @type {string} */ text) => Object.assign(document.createElement("span"), { textContent: text })));
  }
}

/** @param {HTMLElement} lane @param {Row} row */
function drawLane(lane, row) {
  say(part(lane, "name"), row.name);
  say(part(lane, "failed_of"), row.asked ? `${row.failed} of ${row.asked} failed` : "");
  const plot = /** @type {SVGElement} */ (lane.querySelector("svg"));
  plot.replaceChildren(
    ...row.spans.map((/** @type {Row} */ each) => {
      const bad = each.tone === "failed";
      return made("rect", { class: `span-${bad ? "failed" : "answered"}`, x: each.x, y: bad ? 0 : 6, width: each.width, height: bad ? 20 : 8 });
    }),
  );
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
