/** Dose-volume histograms with the limits drawn in, as SVG. */

import { panel, word } from "./answer_nodes.js";
import { acrossAt, axisEnd, axisTicks, bandPath, dashesOf, downAt, linePath, percentAt } from "./curves.js";
import { made, madeSvg } from "./nodes.js";
import { ANSWER_TEXTS } from "./texts_answers.js";

/**
 * @typedef {import("./answer_types.js").AnswerPage} AnswerPage
 * @typedef {import("./answer_types.js").CurveMark} CurveMark
 * @typedef {import("./curves.js").Chart} Chart
 * @typedef {"EQD2" | "physical"} Quantity
 * @typedef {{structure: string, quantity: Quantity, at_gy: number}} Choice   an empty structure: all
 */

const READ_STEPS = 400;
const TABLE_ROWS = 12;
const MOST_READ = 6;
const FIRST_READ_GY = 2;

/**
 * @param {AnswerPage} page
 * @param {(label: string) => string} colours
 */
export function curvesPanel(page, colours) {
  const names = curveNames(page);
  if (!names.length) {
    const root = panel(ANSWER_TEXTS.curves, "dvh", [word("p", ANSWER_TEXTS.noCurves, "muted")]);
    return { root, choose: () => {} };
  }
  /** @type {Choice} */
  const choice = { structure: names[0], quantity: "EQD2", at_gy: FIRST_READ_GY };
  const parts = panelParts(names);
  const redraw = () => drawChart(page, colours, choice, parts);
  connect(parts, choice, redraw);
  new ResizeObserver(redraw).observe(parts.chart);
  const root = panel(ANSWER_TEXTS.curves, "dvh", [
    parts.controls, parts.chart, parts.slider, parts.reading, parts.key, parts.note, parts.details,
  ]);
  /** @param {string} structure @param {string} quantity */
  const choose = (structure, quantity) => {
    if (!names.includes(structure)) return;
    choice.structure = structure;
    choice.quantity = quantity === "physical" ? "physical" : "EQD2";
    redraw();
  };
  redraw();
  return { root, choose };
}

/**
 * Structures with curves, those with the worst limits first.
 *
 * @param {AnswerPage} page
 */
function curveNames(page) {
  const drawn = new Set(page.curves.map((curve) => curve.structure));
  const limited = page.limits.map((limit) => limit.about ?? "").filter((name) => drawn.has(name));
  return [...new Set([...limited, ...drawn])];
}

/** @param {string[]} names */
function panelParts(names) {
  const options = [...names.map((name) => made("option", { value: name }, name)), made("option", { value: "" }, ANSWER_TEXTS.allStructures)];
  const select = made("select", { "aria-label": ANSWER_TEXTS.structure }, ...options);
  const quantities = /** @type {Quantity[]} */ (["EQD2", "physical"]).map((quantity) =>
    made("button", { type: "button", "data-quantity": quantity }, ANSWER_TEXTS.quantities[quantity]),
  );
  const group = made("div", { class: "choice", role: "group", "aria-label": ANSWER_TEXTS.quantity }, ...quantities);
  return {
    select,
    quantities,
    controls: made("div", { class: "dvh-controls" }, select, group),
    chart: made("div", { class: "dvh-chart" }),
    slider: made("input", { type: "range", class: "dvh-slider", min: 0, max: READ_STEPS, value: 0, "aria-label": ANSWER_TEXTS.readDose }),
    reading: made("output", { class: "dvh-reading" }),
    key: made("p", { class: "dvh-key" }),
    note: made("p", { class: "dvh-note tone-muted" }),
    details: made("details", {}, made("summary", {}, ANSWER_TEXTS.asTable), made("div", { class: "dvh-table" })),
    end_gy: 1,
  };
}

/**
 * @param {ReturnType<typeof panelParts>} parts
 * @param {Choice} choice
 * @param {() => void} redraw
 */
function connect(parts, choice, redraw) {
  parts.select.addEventListener("change", () => {
    choice.structure = parts.select.value;
    redraw();
  });
  for (const button of parts.quantities) {
    button.addEventListener("click", () => {
      choice.quantity = button.dataset.quantity === "physical" ? "physical" : "EQD2";
      redraw();
    });
  }
  parts.slider.addEventListener("input", () => {
    choice.at_gy = (parts.end_gy * parts.slider.valueAsNumber) / READ_STEPS;
    redraw();
  });
  parts.chart.addEventListener("pointermove", (event) => {
    const chart = chartOf(parts);
    const across = event.clientX - parts.chart.getBoundingClientRect().left - chart.left;
    choice.at_gy = Math.min(1, Math.max(0, across / chart.width)) * chart.end_gy;
    redraw();
  });
}

/**
 * @param {ReturnType<typeof panelParts>} parts
 * @returns {Chart}
 */
function chartOf(parts) {
  const letter = parseFloat(getComputedStyle(parts.chart).fontSize) || 11;
  const width = Math.max(parts.chart.clientWidth, 160);
  const left = 3.4 * letter;
  const height = Math.min(Math.max(0.52 * width, 9 * letter), 26 * letter);
  return { left, top: letter, width: width - left - letter, height, end_gy: parts.end_gy };
}

/**
 * @param {AnswerPage} page
 * @param {(label: string) => string} colours
 * @param {Choice} choice
 * @param {ReturnType<typeof panelParts>} parts
 */
function drawChart(page, colours, choice, parts) {
  const all = choice.structure === "";
  /** @param {{structure: string}} item */
  const isShown = (item) => all || item.structure === choice.structure;
  const curves = page.curves.filter((curve) => curve.quantity === choice.quantity && isShown(curve) && !(all && choice.quantity === "EQD2" && curve.label !== "cumulative"));
  const marks = all ? [] : page.curve_limits.filter((mark) => mark.quantity === choice.quantity && isShown(mark));
  const bands = all || choice.quantity !== "EQD2" ? [] : page.bands.filter(isShown);
  parts.end_gy = axisEnd([...curves, ...bands], marks);
  choice.at_gy = Math.min(choice.at_gy, parts.end_gy);
  const chart = chartOf(parts);
  const near = marks.filter((mark) => mark.dose_gy <= chart.end_gy);
  const name = all ? ANSWER_TEXTS.allStructures : choice.structure;
  const label = ANSWER_TEXTS.chart(name, choice.quantity, curves.length, near.length);
  parts.chart.replaceChildren(
    madeSvg("svg", { role: "img", "aria-label": label, width: chart.left + chart.width + chart.top, height: chart.height + 4 * chart.top },
      ...axes(chart, axisTitle(page, choice)),
      ...bands.map((band) => madeSvg("path", { class: "dvh-band", d: bandPath(chart, band), fill: colours(band.structure) })),
      ...curves.map((curve) =>
        madeSvg("path", { class: "dvh-curve", d: linePath(chart, curve.dose_gy, curve.volume_percent), stroke: colours(curve.structure), "stroke-dasharray": dashesOf(curve.label), "data-label": curve.label }),
      ),
      ...near.map((mark, place) => markNode(chart, mark, near.slice(0, place))),
      readLine(chart, choice.at_gy),
    ),
  );
  showWords(parts, choice, curves, marks);
  parts.key.replaceChildren(...keyNodes(curves, { colours, banded: bands.length > 0, marked: near.length > 0, all }));
}

/**
 * The dose of the axis; EQD2 is nothing without its ratio.
 *
 * @param {AnswerPage} page
 * @param {Choice} choice
 */
function axisTitle(page, { structure, quantity }) {
  const title = ANSWER_TEXTS.doseAxis[quantity];
  if (quantity === "physical") return title;
  const found = page.structures.find((item) => item.name === structure);
  return `${title}, ${found ? found.ratio : ANSWER_TEXTS.ownRatios}`;
}

/**
 * @param {Chart} chart
 * @param {string} title
 */
function axes(chart, title) {
  const bottom = chart.top + chart.height;
  const right = chart.left + chart.width;
  const levels = [0, 25, 50, 75, 100].flatMap((percent) => {
    const y = downAt(chart, percent);
    return [
      madeSvg("path", { class: "dvh-grid", d: `M${chart.left} ${y}H${right}` }),
      madeSvg("text", { x: chart.left - 5, y: y + 0.35 * chart.top, "text-anchor": "end" }, `${percent}%`),
    ];
  });
  const doses = axisTicks(chart.end_gy, Math.max(3, Math.floor(chart.width / (5 * chart.top)))).flatMap((dose) => {
    const x = acrossAt(chart, dose);
    return [
      madeSvg("path", { class: "dvh-grid", d: `M${x} ${chart.top}V${bottom}` }),
      madeSvg("text", { x, y: bottom + 1.3 * chart.top, "text-anchor": "middle" }, String(dose)),
    ];
  });
  const words = madeSvg("text", { x: chart.left + chart.width / 2, y: bottom + 2.7 * chart.top, "text-anchor": "middle" }, title);
  return [...levels, ...doses, words];
}

/**
 * A limit: its symbol where it stands, raised off the axis and off its neighbours.
 *
 * @param {Chart} chart
 * @param {CurveMark} mark
 * @param {CurveMark[]} before
 */
function markNode(chart, mark, before) {
  const x = acrossAt(chart, mark.dose_gy);
  const y = mark.volume_percent === null ? chart.top : downAt(chart, mark.volume_percent);
  const room = 1.1 * chart.top;
  const beside = before.filter(
    (other) =>
      Math.abs(acrossAt(chart, other.dose_gy) - x) < 3 * room &&
      Math.abs((other.volume_percent ?? 100) - (mark.volume_percent ?? 100)) < 4,
  ).length;
  const low = chart.top + chart.height - 0.5 * room;
  const raised = Math.min(y, low) + (mark.volume_percent === null ? 1 : -1) * beside * room;
  const end = mark.volume_percent === null ? chart.top + chart.height : y;
  const kind = markKind(mark);
  // At the right end there is no room for words but on the left.
  const sign = x > chart.left + chart.width - 3 * chart.top ? -1 : 1;
  return madeSvg("g", { class: `dvh-mark mark-${kind.name}` },
    madeSvg("title", {}, ANSWER_TEXTS.scoped(mark.scope, mark.words)),
    madeSvg("path", { d: `M${x} ${raised}V${end}` }),
    madeSvg("text", { x, y: raised + 0.35 * chart.top, "text-anchor": "middle" }, kind.symbol),
    madeSvg("text", { class: "mark-scope", x: x + sign * 0.7 * chart.top, y: raised + 0.35 * chart.top, "text-anchor": sign > 0 ? "start" : "end" }, ANSWER_TEXTS.scope(mark.scope)),
  );
}

/** @param {CurveMark} mark */
function markKind(mark) {
  if (mark.state === "exceeded") return { name: "exceeded", symbol: "✗" };
  if (mark.state !== "met") return { name: "unknown", symbol: "–" };
  return mark.unsure ? { name: "unsure", symbol: "⚠" } : { name: "met", symbol: "✓" };
}

/**
 * @param {Chart} chart
 * @param {number} at_gy
 */
function readLine(chart, at_gy) {
  const x = acrossAt(chart, at_gy);
  return madeSvg("path", { class: "dvh-read", d: `M${x} ${chart.top}V${chart.top + chart.height}` });
}

/**
 * @param {ReturnType<typeof panelParts>} parts
 * @param {Choice} choice
 * @param {import("./answer_types.js").DoseCurve[]} curves
 * @param {CurveMark[]} marks
 */
function showWords(parts, choice, curves, marks) {
  const far = marks.filter((mark) => mark.dose_gy > parts.end_gy);
  const all = choice.structure === "";
  /** @param {import("./answer_types.js").DoseCurve} curve */
  const named = (curve) => (all ? curve.structure : ANSWER_TEXTS.curveLabel(curve.label));
  parts.select.value = choice.structure;
  for (const button of parts.quantities) {
    button.setAttribute("aria-pressed", String(button.dataset.quantity === choice.quantity));
  }
  parts.slider.valueAsNumber = Math.round((READ_STEPS * choice.at_gy) / parts.end_gy);
  const shares = curves
    .map((curve) => ({ label: named(curve), percent: percentAt(curve.dose_gy, curve.volume_percent, choice.at_gy) }))
    .filter((share) => !all || share.percent > 0.05)
    .slice(0, all ? MOST_READ : undefined)
    .map((share) => ANSWER_TEXTS.share(share.label, share.percent.toFixed(1)));
  const reading = ANSWER_TEXTS.readOut(choice.at_gy.toFixed(1), shares);
  parts.reading.textContent = reading;
  parts.slider.setAttribute("aria-valuetext", reading);
  const least = Math.min(...far.map((mark) => mark.dose_gy));
  parts.note.textContent = curves.length
    ? far.length ? ANSWER_TEXTS.beyond(far.length, String(Number(least.toFixed(1)))) : ""
    : ANSWER_TEXTS.noCurvesHere;
  const table = parts.details.querySelector(".dvh-table");
  table?.replaceChildren(curveTable(curves, parts.end_gy, named), ...marksList(marks));
}

/**
 * @param {import("./answer_types.js").DoseCurve[]} curves
 * @param {number} end_gy
 * @param {(curve: import("./answer_types.js").DoseCurve) => string} named
 */
function curveTable(curves, end_gy, named) {
  const doses = axisTicks(end_gy, TABLE_ROWS);
  const head = [ANSWER_TEXTS.dose, ...curves.map(named)].map((title) => made("th", { scope: "col", class: "right" }, title));
  const rows = doses.map((dose) =>
    made("tr", {},
      made("th", { scope: "row", class: "right" }, String(dose)),
      ...curves.map((curve) => made("td", { class: "right" }, `${percentAt(curve.dose_gy, curve.volume_percent, dose).toFixed(1)} %`)),
    ),
  );
  const table = made("table", {}, made("thead", {}, made("tr", {}, ...head)), made("tbody", {}, ...rows));
  const region = made("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": ANSWER_TEXTS.asTable }, table);
  return made("div", {}, region, word("p", ANSWER_TEXTS.tableNote, "muted"));
}

/**
 * The limits in words, as they are in the chart.
 *
 * @param {CurveMark[]} marks
 */
export function marksList(marks) {
  if (!marks.length) return [];
  const items = marks.map((mark) => made("li", {}, ANSWER_TEXTS.scoped(mark.scope, mark.words)));
  return [word("p", ANSWER_TEXTS.marksTitle, "muted"), made("ul", { class: "dvh-limits" }, ...items)];
}

/**
 * What the lines mean.
 *
 * @param {import("./answer_types.js").DoseCurve[]} curves
 * @param {{colours: (label: string) => string, banded: boolean, marked: boolean, all: boolean}} shown
 */
function keyNodes(curves, shown) {
  const distinct = curves.filter((curve, place) => curves.findIndex((other) => keyName(other, shown.all) === keyName(curve, shown.all)) === place);
  const lines = distinct.map((curve) =>
    made("span", {},
      madeSvg("svg", { width: 26, height: 10, "aria-hidden": "true" },
        madeSvg("path", { class: "dvh-curve", d: "M1 5H25", stroke: shown.colours(curve.structure), "stroke-dasharray": dashesOf(curve.label) }),
      ),
      keyName(curve, shown.all),
    ),
  );
  const band = made("span", { class: "tone-muted" }, `▒ ${ANSWER_TEXTS.band}`);
  const marks = made("span", { class: "tone-muted" }, ANSWER_TEXTS.marks);
  return [...lines, ...(shown.banded ? [band] : []), ...(shown.marked ? [marks] : [])];
}

/**
 * @param {import("./answer_types.js").DoseCurve} curve
 * @param {boolean} all
 */
function keyName(curve, all) {
  return all ? curve.structure : ANSWER_TEXTS.curveLabel(curve.label);
}
