// @ts-check
/** The chart as a picture with its title and words, made here from the canvas; nothing is sent anywhere. */

import { byId } from "./dom.js";
import { token } from "./tokens.js";

const PAD = 20;
const TITLE_PX = 20;
const WORDS_PX = 13;

/** @param {import("./run_tide.js").RunTide} tide @param {{title: string, words: string, file: string}} about */
export function wirePng(tide, about) {
  byId("save-png").addEventListener("click", () => {
    picture(tide.chart.u.ctx.canvas, about).toBlob((blob) => blob && save(blob, `${about.file}.png`), "image/png");
  });
}

/** @param {HTMLCanvasElement} chart @param {{title: string, words: string}} about */
export function picture(chart, { title, words }) {
  const ratio = devicePixelRatio;
  const canvas = document.createElement("canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const wide = chart.width;
  pen.font = `${WORDS_PX * ratio}px ${token("font")}`;
  const lines = broken(pen, words, wide);
  const head = (PAD + TITLE_PX * 1.5) * ratio + lines.length * WORDS_PX * 1.5 * ratio + 8 * ratio;
  canvas.width = wide + 2 * PAD * ratio;
  canvas.height = head + chart.height + PAD * ratio;
  pen.fillStyle = token("card");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "top";
  pen.fillStyle = token("ink");
  pen.font = `650 ${TITLE_PX * ratio}px ${token("font")}`;
  pen.fillText(title, PAD * ratio, PAD * ratio, wide);
  pen.fillStyle = token("ink-2");
  pen.font = `${WORDS_PX * ratio}px ${token("font")}`;
  lines.forEach((line, i) => pen.fillText(line, PAD * ratio, (PAD + TITLE_PX * 1.5 + i * WORDS_PX * 1.5) * ratio, wide));
  pen.drawImage(chart, PAD * ratio, head);
  return canvas;
}

/** @param {CanvasRenderingContext2D} pen @param {string} words @param {number} wide */
function broken(pen, words, wide) {
  const lines = [""];
  for (const word of words.split(/\s+/)) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (pen.measureText(longer).width <= wide) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
