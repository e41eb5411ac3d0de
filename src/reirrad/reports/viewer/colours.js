/** Grey windows, the colours of dose, and the colours of isodose lines. */

import { clamped } from "./geometry.js";
import { UNKNOWN_CODE } from "./volume.js";

/** Share of the range to red, green, blue: from low dose to high dose. */
const DOSE_STOPS = [
  [0, 52, 60, 190],
  [0.2, 40, 140, 235],
  [0.4, 40, 200, 190],
  [0.55, 120, 215, 90],
  [0.7, 240, 220, 60],
  [0.85, 245, 140, 40],
  [1, 215, 40, 40],
];

/** Isodose colours: 2 Gy and 50 % of each course in turn, then lines that were added. */
const COURSE_COLOURS = [
  ["#8ea2ff", "#ffe14d"],
  ["#d7b8ff", "#ff6be6"],
  ["#7fe0d0", "#ff9d4d"],
  ["#b4dd7f", "#ff8f8f"],
];
const ADDED_COLOURS = ["#5ee3ff", "#a6ff6b", "#ffb86b", "#ff8fb0", "#c9c9ff", "#fff0a8"];

/** @param {number} order of the course @param {string} key "2Gy" or "50%" */
export function courseColour(order, key) {
  return COURSE_COLOURS[order % COURSE_COLOURS.length][key === "2Gy" ? 0 : 1];
}

/** @param {number} order */
export function addedColour(order) {
  return ADDED_COLOURS[order % ADDED_COLOURS.length];
}

/** @param {number} share 0 to 1 */
export function doseColour(share) {
  const at = clamped(share, 0, 1);
  let upper = 1;
  while (upper < DOSE_STOPS.length - 1 && DOSE_STOPS[upper][0] < at) upper++;
  const [low, high] = [DOSE_STOPS[upper - 1], DOSE_STOPS[upper]];
  const part = (at - low[0]) / (high[0] - low[0]);
  return [1, 2, 3].map((c) => Math.round(low[c] + part * (high[c] - low[c])));
}

/**
 * 256 colours, ready for pixels. Where little is bad (the budget), they run backwards.
 *
 * @param {boolean} isBackwards
 */
export function doseTable(isBackwards) {
  const table = new Uint32Array(256);
  for (let at = 0; at < 256; at++) {
    const [r, g, b] = doseColour(isBackwards ? 1 - at / 255 : at / 255);
    table[at] = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  }
  return table;
}

/** Dots where a dose is not known, light and dark in turn: seen on every grey. */
export const UNKNOWN_DOTS = ["#ffffff", "#000000"];
const DOT_PIXELS = [0xffffffff, 0xff000000];
/** A dot at one place in so many along both sides of a raster. */
const DOT_EVERY = 3;

/**
 * Dots at the places of a raster whose value is not known; pixels elsewhere are kept.
 *
 * @param {Float32Array} values
 * @param {{nu: number, nv: number}} raster
 * @param {Uint32Array} pixels
 */
export function dotUnknown(values, { nu, nv }, pixels) {
  for (let q = 0; q < nv; q += DOT_EVERY) {
    for (let p = 0; p < nu; p += DOT_EVERY) {
      const at = q * nu + p;
      if (Number.isNaN(values[at])) pixels[at] = DOT_PIXELS[(p + q) % 2];
    }
  }
}

/**
 * Grey of every code of an image; the code of what is not known is black.
 *
 * @param {import("./types.js").VolumeEntry} entry
 * @param {import("./types.js").GreyWindow} window
 * @param {Uint32Array} table 65536 long
 */
export function fillGreyTable(entry, window, table) {
  const width = Math.max(window.white - window.black, 1e-6);
  for (let code = 0; code < UNKNOWN_CODE; code++) {
    const value = entry.offset + entry.scale * code;
    const grey = Math.round(clamped(((value - window.black) / width) * 255, 0, 255));
    table[code] = (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0;
  }
  table[UNKNOWN_CODE] = 0xff000000;
}
