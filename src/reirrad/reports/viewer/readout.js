/** The line below the pictures: what is at the cross-hair. */

import { isOutOfPlace, movementOf } from "./geometry.js";
import { made } from "./nodes.js";
import { valueAt } from "./slices.js";
import { TEXTS, courseText, doseText, fixedText, shortNumber } from "./texts.js";
import { isLossy } from "./volume.js";

const PATIENCE_MS = 120;

/**
 * Reading of the review grid.
 *
 * @param {import("./plane.js").CaseModel} model
 * @returns {import("./types.js").Reading}
 */
export function reviewReading({ state, scene, outlines }) {
  const { point } = state;
  /** @param {import("./types.js").Volume | undefined} volume */
  const valueOf = (volume) => {
    if (!volume) return null;
    return valueAt(volume, point, movementOf(state, volume.entry.course));
  };
  const doses = scene.courses.map((course) => ({
    course,
    physical_gy: valueOf(scene.doses.get(`dose-${course}`)),
    eqd2_gy: valueOf(scene.doses.get(`eqd2-${course}`)),
  }));
  const isKnown = scene.hasSum && doses.every((dose) => dose.eqd2_gy !== null);
  return {
    point,
    doses,
    eqd2_sum_gy: isKnown ? doses.reduce((sum, dose) => sum + Number(dose.eqd2_gy), 0) : null,
    alpha_beta_gy: scene.eqd2.length > 0 ? scene.eqd2[0].entry.alpha_beta_gy : null,
    structures: outlines.labelsAt(point, (entry) => !isOutOfPlace(state, entry)),
    images: [...scene.images.values()].map((volume) => ({
      course: Number(volume.entry.course),
      value: valueOf(volume),
      unit: volume.entry.unit,
      lossy: isLossy(volume.entry),
    })),
    native: false,
  };
}

/**
 * @param {string} label
 * @param {string} value
 * @param {string} name
 */
function readCell(label, value, name) {
  return made("span", { class: `read ${name}` },
    made("span", { class: "label" }, `${label} `),
    made("span", { class: "value" }, value),
  );
}

/** @param {number | null} gy */
function knownDose(gy) {
  return gy === null ? TEXTS.notKnown : doseText(gy);
}

/** @param {import("./types.js").Reading["images"][number]} image */
function imageWords({ value, unit, lossy }) {
  if (value === null) return TEXTS.notKnown;
  return lossy ? TEXTS.readLossy : `${shortNumber(Math.round(value))} ${unit}`.trim();
}

/**
 * @param {HTMLElement} footer
 * @param {import("./types.js").Reading} reading
 * @param {import("./layers.js").SceneVolumes} scene
 * @param {string} how of which grid, or what is being done
 */
export function showReading(footer, reading, scene, how) {
  const { x, y, z } = reading.point;
  const cells = [readCell("LPS", `${[x, y, z].map((mm) => fixedText(mm, 1)).join("  ")} mm`, "at")];
  const answered = new Map(reading.doses.map((dose) => [dose.course, dose.physical_gy]));
  for (const course of scene.courses) {
    // A course without a dose here is not mapped: its registration failed.
    const label = scene.doses.has(`dose-${course}`) ? courseText(course, scene.reference) : `C${course}`;
    cells.push(readCell(label, knownDose(answered.get(course) ?? null), "dose"));
  }
  if (scene.courses.length > 0) {
    const sum = `${TEXTS.eqd2Sum} (${TEXTS.alphaBeta(reading.alpha_beta_gy)})`;
    const isWhole = scene.courses.every((course) => answered.has(course));
    const cell = readCell(sum, knownDose(isWhole ? reading.eqd2_sum_gy : null), "sum");
    if (reading.alpha_beta_why) cell.title = reading.alpha_beta_why;
    cells.push(cell);
  }
  cells.push(readCell(TEXTS.readStructures, reading.structures.join(", ") || TEXTS.readNothing, "structures"));
  for (const image of reading.images) {
    cells.push(readCell(`${TEXTS.image} C${image.course}`, imageWords(image), "image"));
  }
  cells.push(made("span", { class: "read how" }, how));
  footer.replaceChildren(...cells);
}

/**
 * Shows the reading of the review grid at once and that of the native grids when it comes.
 *
 * @param {HTMLElement} footer
 * @param {import("./plane.js").CaseModel} model
 * @param {import("./types.js").CaseSource} source
 * @returns {() => void} to be called when the point or the movement has changed
 */
export function readoutOf(footer, model, source) {
  let timer = 0;
  let asked = 0;
  const ask = async (/** @type {import("./types.js").Point} */ point) => {
    const order = ++asked;
    const { reading } = source;
    if (!reading) return;
    try {
      const native = await reading(point);
      if (order === asked) showReading(footer, native, model.scene, TEXTS.readNative);
    } catch {
      if (order === asked) showReading(footer, reviewReading(model), model.scene, TEXTS.readFailed);
    }
  };
  return () => {
    asked++;
    window.clearTimeout(timer);
    const point = { ...model.state.point };
    // The server knows nothing of a movement that is not yet assessed.
    const isNative = source.reading !== null && model.state.adjustment === null;
    showReading(footer, reviewReading(model), model.scene, isNative ? TEXTS.readAsking : TEXTS.readReview);
    if (isNative) timer = window.setTimeout(() => ask(point), PATIENCE_MS);
  };
}
