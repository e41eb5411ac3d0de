/** What stands on the pictures: cross-hair, letters, scale, colour bar, labels, hatching. */

import { UNKNOWN_DOTS, doseColour } from "./colours.js";
import { PLANES, clamped, pixelX, pixelY, planePoint } from "./geometry.js";
import { hiddenCanvas } from "./nodes.js";
import { TEXTS, fixedText, shortNumber } from "./texts.js";

const INK = "#cfe0f5";
const SCALES_MM = [5, 10, 20, 50, 100, 200];

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} colour
 */
function markText(context, text, x, y, colour) {
  context.lineJoin = "round";
  context.lineWidth = 2.5;
  context.strokeStyle = "rgba(0, 0, 0, 0.7)";
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/**
 * Words on a picture: from left to right, and the height of their middle.
 *
 * @typedef {{text: string, left: number, right: number, y: number}} PlacedText
 */

/**
 * Where the letters of the directions stand; the upper one gives way to the title.
 *
 * @param {import("./types.js").PlaneName} plane
 * @param {import("./geometry.js").PlaneWindow} place
 * @param {PlacedText[]} title
 * @param {number} unit size of text, pixels
 * @returns {PlacedText[]}
 */
export function placedLetters(plane, place, title, unit) {
  const { letters } = PLANES[plane];
  const at = (/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y) => ({ text, left: x - unit / 2, right: x + unit / 2, y });
  const [middleX, middleY] = [place.width / 2, place.height / 2];
  const top = at(letters.top, middleX, unit);
  top.y = freeHeight(top, title, unit, place.height);
  return [
    at(letters.left, unit, middleY),
    at(letters.right, place.width - unit, middleY),
    top,
    at(letters.bottom, middleX, place.height - unit),
  ];
}

/**
 * The height, below the wanted one or else above it, where words meet no others.
 *
 * @param {{left: number, right: number, y: number}} words
 * @param {{left: number, right: number, y: number}[]} taken
 * @param {number} unit
 * @param {number} end height of the picture
 */
function freeHeight(words, taken, unit, end) {
  const height = (/** @type {number} */ direction) => {
    let { y } = words;
    for (const one of [...taken].sort((a, b) => direction * (a.y - b.y))) {
      const isMet = one.left < words.right && one.right > words.left && Math.abs(one.y - y) < unit;
      if (isMet) y = one.y + direction * unit;
    }
    return y;
  };
  const below = height(1);
  return below <= end - unit / 2 ? below : height(-1);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {PlacedText[]} letters
 * @param {number} unit
 */
export function drawLetters(context, letters, unit) {
  context.font = `600 ${unit}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (const { text, left, right, y } of letters) markText(context, text, (left + right) / 2, y, INK);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./geometry.js").PlaneWindow} place
 * @param {number} unit
 */
export function drawScale(context, place, unit) {
  const fitting = SCALES_MM.filter((mm) => mm * place.scale < place.width / 4);
  const mm = fitting.length > 0 ? fitting[fitting.length - 1] : SCALES_MM[0];
  const [right, y] = [place.width - unit, place.height - unit];
  context.strokeStyle = INK;
  context.lineWidth = unit / 7;
  context.beginPath();
  context.moveTo(right - mm * place.scale, y);
  context.lineTo(right, y);
  context.stroke();
  context.font = `${unit * 0.9}px system-ui, sans-serif`;
  context.textAlign = "right";
  context.textBaseline = "bottom";
  markText(context, `${mm} mm`, right, y - unit / 4, INK);
}

/** @param {number} row @param {number} unit */
function titleFont(row, unit) {
  return `${row === 0 ? 600 : 400} ${unit * (row === 0 ? 1 : 0.88)}px system-ui, sans-serif`;
}

/**
 * Lines of a title at the upper left.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string[]} lines
 * @param {number} unit
 * @returns {PlacedText[]}
 */
export function placedTitle(context, lines, unit) {
  const left = unit * 0.7;
  return lines.map((text, row) => {
    context.font = titleFont(row, unit);
    return { text, left, right: left + context.measureText(text).width, y: unit * (1.1 + 1.35 * row) };
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {PlacedText[]} title
 * @param {number} unit
 */
export function drawTitle(context, title, unit) {
  context.textAlign = "left";
  context.textBaseline = "middle";
  title.forEach(({ text, left, y }, row) => {
    context.font = titleFont(row, unit);
    markText(context, text, left, y, row === 0 ? INK : "#a9b7c8");
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./geometry.js").PlaneWindow} place
 * @param {{title: string, low: number, high: number, isBudget: boolean}} bar a budget runs backwards
 * @param {number} unit
 */
export function drawColourBar(context, place, bar, unit) {
  const [width, height] = [unit * 0.8, Math.min(place.height * 0.45, unit * 18)];
  const [x, y] = [place.width - unit * 2.6, unit * 3.2];
  const gradient = context.createLinearGradient(0, y + height, 0, y);
  for (let stop = 0; stop <= 10; stop++) {
    const [r, g, b] = doseColour(bar.isBudget ? 1 - stop / 10 : stop / 10);
    gradient.addColorStop(stop / 10, `rgb(${r}, ${g}, ${b})`);
  }
  context.fillStyle = gradient;
  context.fillRect(x, y, width, height);
  context.strokeStyle = "rgba(0, 0, 0, 0.8)";
  context.lineWidth = 1;
  context.strokeRect(x, y, width, height);
  context.font = `${unit * 0.85}px system-ui, sans-serif`;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (let tick = 0; tick <= 4; tick++) {
    const gy = bar.low + ((bar.high - bar.low) * tick) / 4;
    markText(context, shortNumber(Number(gy.toFixed(1))), x - unit / 3, y + height * (1 - tick / 4), INK);
  }
  drawUnknownKey(context, { x, y: y + height + unit, side: width }, bar.isBudget, unit);
  context.textBaseline = "bottom";
  markText(context, bar.title, place.width - unit * 1.2, y - unit * 0.7, INK);
}

/**
 * Below the colours: what the dots mean, or that a budget is of organs alone.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number, side: number}} at
 * @param {boolean} isBudget
 * @param {number} unit
 */
function drawUnknownKey(context, { x, y, side }, isBudget, unit) {
  if (!isBudget) {
    context.fillStyle = "#777";
    context.fillRect(x, y, side, side);
    const dot = Math.max(1, side / 5);
    for (const at of [0, 1, 2, 3]) {
      const [across, down] = [0.25 + 0.5 * (at % 2), at < 2 ? 0.25 : 0.75];
      context.fillStyle = UNKNOWN_DOTS[at === 0 || at === 3 ? 0 : 1];
      context.fillRect(x + across * side - dot / 2, y + down * side - dot / 2, dot, dot);
    }
    context.strokeRect(x, y, side, side);
  }
  const right = isBudget ? x + side : x - unit / 3;
  markText(context, isBudget ? TEXTS.budgetElsewhere : TEXTS.washUnknown, right, y + side / 2, INK);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./geometry.js").PlaneWindow} place
 * @param {{u: number, v: number}} at
 * @param {number} unit
 */
export function drawCrossHair(context, place, at, unit) {
  const [x, y] = [Math.round(pixelX(place, at.u)) + 0.5, Math.round(pixelY(place, at.v)) + 0.5];
  const gap = unit * 0.6;
  context.strokeStyle = "rgba(255, 196, 64, 0.75)";
  context.lineWidth = Math.max(1, Math.round(unit / 13));
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(x - gap, y);
  context.moveTo(x + gap, y);
  context.lineTo(place.width, y);
  context.moveTo(x, 0);
  context.lineTo(x, y - gap);
  context.moveTo(x, y + gap);
  context.lineTo(x, place.height);
  context.stroke();
}

/**
 * A label beside the end of which a line lies; it gives way to those that are there.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").IsodoseLevel} level
 * @param {{x: number, y: number, isRight: boolean}} at where the label begins or ends
 * @param {number} unit
 * @param {{left: number, right: number, y: number}[]} taken
 */
export function drawLineLabel(context, level, at, unit, taken) {
  context.font = `500 ${unit * 0.85}px system-ui, sans-serif`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const width = context.measureText(level.label).width;
  const wanted = at.isRight ? at.x : at.x - width;
  const left = clamped(wanted, unit * 0.7, context.canvas.width - width - unit * 0.7);
  const { height } = context.canvas;
  const words = { left, right: left + width, y: clamped(at.y, unit, height - unit) };
  const y = freeHeight(words, taken, unit, height);
  taken.push({ ...words, y });
  markText(context, level.label, left, y, level.colour);
}

/**
 * Pattern of an overlap: close lines rising to the right for 50 %, wide ones falling for 2 Gy.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} level
 * @param {number} unit
 */
export function hatchPattern(context, level, unit) {
  const isHalf = level === "50%";
  const side = Math.max(5, Math.round(unit * (isHalf ? 0.55 : 0.95)));
  const { canvas: tile, context: ink } = hiddenCanvas(side, side, false);
  ink.lineWidth = Math.max(1, unit / 12);
  ink.strokeStyle = isHalf ? "rgba(255, 255, 255, 0.95)" : "rgba(190, 235, 255, 0.8)";
  ink.beginPath();
  for (const shift of [-side, 0, side]) {
    ink.moveTo(shift - 1, isHalf ? side + 1 : -1);
    ink.lineTo(shift + side + 1, isHalf ? -1 : side + 1);
  }
  ink.stroke();
  return /** @type {CanvasPattern} */ (context.createPattern(tile, "repeat"));
}

/**
 * @param {import("./types.js").PlaneName} plane
 * @param {import("./types.js").Point} point
 */
export function planeTitle(plane, point) {
  const axis = PLANES[plane].w;
  return `${TEXTS.planes[plane]}  ${axis} ${fixedText(point[axis], 1)} mm`;
}

/**
 * Corners of a picture in words, for who cannot see it.
 *
 * @param {import("./types.js").PlaneName} plane
 * @param {import("./types.js").Point} point
 */
export function planeLabel(plane, point) {
  const { x, y, z } = point;
  const at = `x ${fixedText(x, 1)}, y ${fixedText(y, 1)}, z ${fixedText(z, 1)} mm`;
  return `${planeTitle(plane, planePoint(plane, point[PLANES[plane].u], point[PLANES[plane].v], point[PLANES[plane].w]))}. Cross-hair at ${at}. ${TEXTS.planeKeys}`;
}
