/** Where a dose-volume curve is on a chart, and what it reads at a dose. */

/**
 * @typedef {import("./answer_types.js").DoseCurve} DoseCurve
 * @typedef {import("./answer_types.js").CurveMark} CurveMark
 * @typedef {Object} Chart
 * @property {number} left          the plot, in pixels
 * @property {number} top
 * @property {number} width
 * @property {number} height
 * @property {number} end_gy        dose at the right end
 */

const TICK_STEPS = [1, 2, 5];
const MARK_ROOM = 2;

/**
 * Volume of a curve at a dose, between its points in a straight line.
 *
 * @param {number[]} dose_gy ascending
 * @param {number[]} percent
 * @param {number} at_gy
 * @returns {number}
 */
export function percentAt(dose_gy, percent, at_gy) {
  const after = dose_gy.findIndex((dose) => dose >= at_gy);
  if (after < 0) return 0;
  if (after === 0) return percent[0];
  const share = (at_gy - dose_gy[after - 1]) / (dose_gy[after] - dose_gy[after - 1]);
  return percent[after - 1] + share * (percent[after] - percent[after - 1]);
}

/**
 * Where the dose axis ends: right of every curve, of every limit that may not be met, and
 * of the others that are not far.
 *
 * @param {{dose_gy: number[]}[]} curves
 * @param {CurveMark[]} marks
 */
export function axisEnd(curves, marks) {
  const last = Math.max(1, ...curves.map((curve) => curve.dose_gy[curve.dose_gy.length - 1]));
  const near = marks.filter((mark) => mark.unsure || mark.state === "exceeded" || mark.dose_gy <= MARK_ROOM * last);
  return 1.06 * Math.max(last, ...near.map((mark) => mark.dose_gy));
}

/**
 * Round doses along the axis.
 *
 * @param {number} end
 * @param {number} most how many fit
 */
export function axisTicks(end, most) {
  const raw = end / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = (TICK_STEPS.find((size) => size * power >= raw) ?? 10) * power;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, place) => Number((place * step).toPrecision(6)));
}

/**
 * @param {Chart} chart
 * @param {number} dose_gy
 */
export function acrossAt(chart, dose_gy) {
  return chart.left + (chart.width * dose_gy) / chart.end_gy;
}

/**
 * @param {Chart} chart
 * @param {number} percent
 */
export function downAt(chart, percent) {
  return chart.top + chart.height * (1 - percent / 100);
}

/**
 * @param {Chart} chart
 * @param {number[]} dose_gy
 * @param {number[]} percent
 */
export function linePath(chart, dose_gy, percent) {
  return dose_gy
    .map((dose, place) => `${place ? "L" : "M"}${acrossAt(chart, dose).toFixed(1)} ${downAt(chart, percent[place]).toFixed(1)}`)
    .join("");
}

/**
 * @param {Chart} chart
 * @param {{dose_gy: number[], low_percent: number[], high_percent: number[]}} band
 */
export function bandPath(chart, band) {
  const back = linePath(chart, [...band.dose_gy].reverse(), [...band.low_percent].reverse());
  return `${linePath(chart, band.dose_gy, band.high_percent)}L${back.slice(1)}Z`;
}

/**
 * Courses dashed, each in its own way, the later ones by their number of dots; the sum
 * solid.
 *
 * @param {string} label
 * @returns {string | null}
 */
export function dashesOf(label) {
  const number = Number(label.replace(/\D/g, ""));
  if (!number) return null;
  const dots = Math.max(number - 2, 0);
  return ["6 3", "1.5 2.5"][number - 1] ?? `7 2.5${" 1.5 2.5".repeat(dots)}`;
}
