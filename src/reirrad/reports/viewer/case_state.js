/** The scene of a case, unpacked, and what is shown of it at first. */

import { addedColour, courseColour } from "./colours.js";
import { AXES, AXIS_INDEX, PLANES } from "./geometry.js";
import { TEXTS, courseText, fixedText, levelText, shortNumber } from "./texts.js";
import { codeShares, isLossy, readVolume } from "./volume.js";

/** Grey windows of CT in HU. */
export const CT_WINDOWS = {
  abdomen: { black: -160, white: 240 },
  lung: { black: -1350, white: 150 },
  bone: { black: -400, white: 1400 },
  brain: { black: 0, white: 80 },
};

/**
 * The scene, and every course of the case, also one that could not be placed in it.
 *
 * @param {import("./types.js").CaseSource} source
 * @returns {Promise<import("./layers.js").SceneVolumes>}
 */
export async function readScene({ manifest, part, page }) {
  const volumes = await Promise.all(manifest.volumes.map((entry) => readVolume(entry, part)));
  const images = volumes.filter((volume) => volume.entry.kind === "image");
  const doses = volumes.filter((volume) => volume.entry.kind !== "image");
  const placed = volumes.flatMap((volume) => volume.entry.course ?? []);
  const courses = [...new Set([...placed, ...page.course_line.map((course) => course.number)])].sort((a, b) => a - b);
  const eqd2 = doses.filter((volume) => volume.entry.kind === "eqd2");
  return {
    images: new Map(images.map((volume) => [`C${volume.entry.course}`, volume])),
    doses: new Map(doses.map((volume) => [volume.entry.name, volume])),
    eqd2,
    courses,
    reference: manifest.reference_course,
    hasSum: courses.length > 0 && courses.every((course) => eqd2.some((one) => one.entry.course === course)),
  };
}

/**
 * @param {import("./types.js").Volume} volume
 * @returns {import("./types.js").GreyWindow}
 */
export function automaticWindow(volume) {
  const { entry } = volume;
  if (entry.window) return { ...entry.window };
  if (entry.modality === "CT") return { ...CT_WINDOWS.abdomen };
  const [low, high] = codeShares(volume, [0.02, 0.995]);
  return { black: entry.offset + entry.scale * low, white: entry.offset + entry.scale * Math.max(high, low + 1) };
}

/**
 * Whether a volume has all greys of a window: those of a lossy image end not far beyond
 * its own.
 *
 * @param {import("./types.js").Volume} volume
 * @param {import("./types.js").GreyWindow} window
 */
export function hasWindow({ entry }, { black, white }) {
  return !isLossy(entry) || (black >= entry.offset && white <= entry.offset + 255 * entry.scale);
}

/**
 * Range of the colours: from 2 Gy, or nothing for the budget, to the highest dose.
 *
 * @param {import("./layers.js").SceneVolumes} scene
 */
function washRanges(scene) {
  /** @type {Record<string, {low: number, high: number}>} */
  const ranges = {};
  for (const [name, volume] of scene.doses) {
    const low = volume.entry.kind === "budget" ? 0 : 2;
    ranges[name] = { low, high: Math.max(Math.ceil(volume.highest), low + 1) };
  }
  ranges.sum = { low: 2, high: Math.max(Math.ceil(highestSum(scene.eqd2)), 3) };
  return ranges;
}

/** @param {import("./types.js").Volume[]} volumes */
function highestSum(volumes) {
  const sameGrid = volumes.every((one) => one.values.length === volumes[0].values.length);
  if (!sameGrid) return volumes.reduce((sum, volume) => sum + volume.highest, 0);
  let highest = 0;
  for (let at = 0; volumes.length > 0 && at < volumes[0].values.length; at++) {
    let sum = 0;
    for (const volume of volumes) sum += volume.values[at];
    if (sum > highest) highest = sum;
  }
  return highest;
}

/**
 * 2 Gy and 50 % of each course.
 *
 * @param {import("./types.js").Manifest} manifest
 * @param {import("./layers.js").SceneVolumes} scene
 * @returns {import("./types.js").IsodoseLevel[]}
 */
function firstLevels(manifest, scene) {
  const withDose = scene.courses.filter((course) => scene.doses.has(`dose-${course}`));
  return withDose.flatMap((course, order) => {
    const half = scene.doses.has(`half-${course}`);
    const keys = Object.keys(manifest.levels_gy[course] || {}).filter((key) => !(half && key === "50%"));
    const lines = keys.map((key) => {
      const gy = manifest.levels_gy[course][key];
      const words = key === "2Gy" ? levelText(key) : `${levelText(key)} (${shortNumber(gy)} Gy)`;
      return newLevel(`${course} ${key}`, `dose-${course}`, gy, `C${course} ${words}`, courseColour(order, key));
    });
    if (half) {
      lines.push(newLevel(`${course} 50%`, `half-${course}`, 1, `C${course} ${TEXTS.localHalf}`, courseColour(order, "50%")));
    }
    return lines;
  });
}

/**
 * @param {string} key
 * @param {string} source
 * @param {number} level
 * @param {string} label
 * @param {string} colour
 * @returns {import("./types.js").IsodoseLevel}
 */
function newLevel(key, source, level, label, colour) {
  return { key, source, level, label, colour, shown: true, added: false };
}

/**
 * The ratio by which the sum was made.
 *
 * @param {import("./layers.js").SceneVolumes} scene
 */
export function ratioText({ eqd2 }) {
  return TEXTS.alphaBeta(eqd2.length > 0 ? eqd2[0].entry.alpha_beta_gy : null);
}

/**
 * @param {string} source "sum" or the name of a dose
 * @param {number} gy
 * @param {import("./types.js").IsodoseLevel[]} levels those there are
 * @param {import("./layers.js").SceneVolumes} scene
 */
export function addedLevel(source, gy, levels, scene) {
  const key = `added ${source} ${gy}`;
  const isSum = source === "sum";
  const name = isSum ? TEXTS.eqd2Sum : `C${source.split("-")[1]}`;
  const ratio = isSum ? ` (${ratioText(scene)})` : "";
  const colour = addedColour(levels.filter((level) => level.added).length);
  return { ...newLevel(key, source, gy, `${name} ${shortNumber(gy)} Gy${ratio}`, colour), added: true };
}

/**
 * Overlaps that were assessed; 50 % is hatched at first.
 *
 * @param {import("./types.js").CasePage} page
 * @returns {import("./types.js").OverlapChoice[]}
 */
function assessedOverlaps(page) {
  return (page.pairs || []).flatMap((pair) =>
    (pair.overlap || []).map((entry) => {
      const earlier = entry.earlier.map((course) => `C${course}`).join("+");
      const amounts = [
        ...(entry.organ !== null && entry.organ_cc !== null ? [`${entry.organ} ${fixedText(entry.organ_cc, 1)} cc`] : []),
        ...(entry.total_cc !== null ? [`${TEXTS.overlapBody} ${fixedText(entry.total_cc, 1)} cc`] : []),
      ];
      return {
        key: `${entry.level} ${entry.earlier.join("+")} ${entry.later}`,
        level: entry.level,
        earlier: entry.earlier,
        later: entry.later,
        label: `${levelText(entry.level)} ${earlier}∩C${entry.later}`,
        amount: amounts.join(", ") || TEXTS.overlapNotMeasured,
        detail: [...amounts, ...(entry.interval ? [`${TEXTS.overlapSpread} ${entry.interval}`] : [])].join(", "),
        shown: entry.level === "50%",
      };
    }),
  );
}

/**
 * @param {import("./types.js").CaseSource} source
 * @param {import("./layers.js").SceneVolumes} scene
 * @returns {import("./types.js").CaseState}
 */
export function firstState({ manifest, page }, scene) {
  const keys = [...scene.images.keys()];
  const own = `C${scene.reference}`;
  const image = scene.images.has(own) ? own : keys[0] || null;
  return {
    point: { ...manifest.centre_mm },
    image,
    other: keys.find((key) => key !== image) || null,
    fusion: "one",
    blend: 0.5,
    tile_mm: 30,
    radius_mm: 35,
    flicker_hz: 1,
    flicker_other: false,
    windows: Object.fromEntries([...scene.images].map(([key, volume]) => [key, automaticWindow(volume)])),
    wash: scene.doses.has(`dose-${scene.reference}`) ? `dose-${scene.reference}` : "off",
    wash_opacity: 0.35,
    ranges: washRanges(scene),
    lines: true,
    levels: firstLevels(manifest, scene),
    hatch: true,
    overlaps: assessedOverlaps(page),
    outlines: true,
    hidden: [],
    tool: "cross-hair",
    adjustment: null,
    movable: scene.courses.filter((course) => course !== scene.reference),
    full: null,
  };
}

/**
 * Choices of the wash in turn, each with its words.
 *
 * @param {import("./layers.js").SceneVolumes} scene
 */
export function washChoices(scene) {
  const courses = scene.courses.filter((course) => scene.doses.has(`dose-${course}`));
  const choices = [{ key: "off", text: TEXTS.washOff, title: TEXTS.wash }];
  for (const course of courses) {
    const text = courseText(course, scene.reference);
    choices.push({ key: `dose-${course}`, text, title: `${TEXTS.wash}: ${text}` });
  }
  if (scene.hasSum) {
    const title = `${TEXTS.washSum}, ${ratioText(scene)}`;
    choices.push({ key: "sum", text: TEXTS.washSum, title });
  }
  const budget = scene.doses.get("budget");
  if (budget) {
    choices.push({ key: "budget", text: TEXTS.washBudget, title: TEXTS.washBudgetTitle(budget.entry.n_fractions) });
  }
  return choices;
}

/**
 * First and last position and step along each axis: of the image, else of the doses, else
 * of the outlines.
 *
 * @param {import("./layers.js").SceneVolumes} scene
 * @param {import("./outlines.js").Outlines} outlines
 */
export function axisRanges(scene, outlines) {
  const volume = scene.images.get(`C${scene.reference}`) || [...scene.images.values(), ...scene.doses.values()][0];
  const ranges = outlines.ranges();
  if (!volume) return ranges;
  for (const axis of AXES) {
    const a = AXIS_INDEX[axis];
    const first = volume.origin[a];
    ranges[axis] = { first, last: first + (volume.size[a] - 1) * volume.spacing[a], step: volume.spacing[a] };
  }
  return ranges;
}

/**
 * What a plane shows at first: all places with dose, else all of the image.
 *
 * @param {import("./types.js").PlaneName} plane
 * @param {ReturnType<typeof axisRanges>} ranges
 * @param {import("./layers.js").SceneVolumes} scene
 */
export function planeExtent(plane, ranges, scene) {
  const [u0, u1] = axisExtent(PLANES[plane].u, ranges, scene);
  const [v0, v1] = axisExtent(PLANES[plane].v, ranges, scene);
  return { u0, u1, v0, v1 };
}

/**
 * @param {import("./types.js").Axis} axis
 * @param {ReturnType<typeof axisRanges>} ranges
 * @param {import("./layers.js").SceneVolumes} scene
 */
function axisExtent(axis, ranges, scene) {
  const a = AXIS_INDEX[axis];
  const doses = [...scene.doses.values()];
  const { first, last, step } = ranges[axis];
  const all = [first - step / 2, last + step / 2];
  if (doses.length === 0) return all;
  const starts = doses.map(({ origin, spacing }) => origin[a] - spacing[a] / 2);
  const ends = doses.map(({ origin, spacing, size }) => origin[a] + (size[a] - 0.5) * spacing[a]);
  const within = [Math.max(all[0], Math.min(...starts)), Math.min(all[1], Math.max(...ends))];
  return within[1] > within[0] ? within : all;
}

/**
 * Where the cross-hair starts: the centre of the scene, or the middle of the picture where
 * that centre lies outside of it.
 *
 * @param {import("./types.js").Manifest} manifest
 * @param {ReturnType<typeof axisRanges>} ranges
 */
export function startPoint({ centre_mm }, ranges) {
  const isWithin = AXES.every((axis) => centre_mm[axis] >= ranges[axis].first && centre_mm[axis] <= ranges[axis].last);
  if (isWithin) return { ...centre_mm };
  const middle = (/** @type {import("./types.js").Axis} */ axis) => (ranges[axis].first + ranges[axis].last) / 2;
  return { x: middle("x"), y: middle("y"), z: middle("z") };
}
