/** Every word of the viewer that a user reads. */

/** @param {number} value @param {number} digits */
export function fixedText(value, digits) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

/** @param {number} gy */
export function doseText(gy) {
  return `${fixedText(gy, gy >= 100 ? 1 : 2)} Gy`;
}

/**
 * A level or the end of a range: as many digits as it needs.
 *
 * @param {number} value
 */
export function shortNumber(value) {
  return String(Number(value.toFixed(2)));
}

export const TEXTS = {
  planes: { axial: "Axial", sagittal: "Sagittal", coronal: "Coronal" },
  planeKeys: "Arrow keys move the cross-hair, Page Up and Page Down change the plane, question mark lists all keys.",
  notKnown: "not known here",
  noImage: "no image in this case",
  loading: "Opening the pictures …",
  failed: "The pictures cannot be shown: ",
  wrongFormat: "they were written by another version of reirrad. Assess the case again.",
  lossy: "display only, lossy",
  moved: "moved by hand, not assessed",
  outlinesAway: "carried-over outlines hidden",
  mapped: "mapped",
  image: "Image",
  imageBelow: "Image below",
  imageOther: "fused with",
  fusion: "Fusion",
  fusions: { one: "One", blend: "Blend", checkerboard: "Check", spyglass: "Spy", flicker: "Flicker" },
  fusionTitles: {
    one: "One image",
    blend: "Blend both images (B)",
    checkerboard: "Checkerboard of both images (C)",
    spyglass: "Spy-glass: the other image around the pointer (S)",
    flicker: "Both images in turn (F)",
  },
  fusionNeedsTwo: "Fusion needs the images of two courses; this case has only one.",
  fusionNeedsImages: "There is no image to fuse.",
  blendShare: "Share of the other image",
  tileSize: "Tile, mm",
  glassRadius: "Radius, mm",
  flickerRate: "Changes a second",
  flickerStill: "Your system asks for little motion: press F to change the image by hand.",
  window: "Grey window",
  windowBlack: "black",
  windowWhite: "white",
  windowHint: "Or drag with the right button or with Shift.",
  presets: { abdomen: "Abdomen", lung: "Lung", bone: "Bone", brain: "Brain", automatic: "Auto" },
  wash: "Dose wash",
  washOff: "Off",
  washSum: "EQD2 sum",
  washBudget: "Budget",
  washBudgetTitle: (/** @type {number | null} */ n) =>
    n === null ? "Dose that can still be given" : `Dose that can still be given in ${n} fractions`,
  washUnknown: "not known",
  budgetElsewhere: "no colour: no organ with a limit",
  washNone: "No dose here",
  budgetAway: "The budget is of the assessed registration: not shown while a course is moved by hand.",
  noSum: "EQD2 is not known of every course",
  opacity: "Opacity",
  rangeFrom: "from",
  rangeTo: "to",
  rangeUnit: "Gy",
  isodoses: "Isodose lines",
  isodosesShow: "Show lines (I)",
  addLevel: "Add",
  addLevelTitle: "Add an isodose line",
  levelOf: "Dose of the new line",
  levelGy: "Level in Gy",
  removeLevel: (/** @type {string} */ label) => `Remove the line ${label}`,
  localHalf: "50 % (by target)",
  overlap: "Overlap, hatched",
  overlapShow: "Show hatching (O)",
  overlapNone: "No overlap was assessed.",
  overlapBody: "body",
  overlapSpread: "5 to 95 %:",
  overlapNotMeasured: "not measured",
  overlapAsAssessed: "Volumes are of the assessed registration, not of the movement by hand.",
  structures: "Structures",
  structuresShow: "Show outlines (L)",
  structuresAll: "All",
  structuresNone: "None",
  structuresEmpty: "No structure is drawn.",
  structuresCc: "cc",
  carriedOver: "carried over",
  readStructures: "in",
  readNothing: "no structure",
  readLossy: "display only",
  readNative: "native grids",
  readReview: "review grid, for display",
  readAsking: "asking …",
  readFailed: "the native grids did not answer; review grid, for display",
  eqd2Sum: "EQD2 sum",
  alphaBeta: (/** @type {number | null} */ gy) => (gy === null ? "α/β not known" : `α/β ${shortNumber(gy)} Gy`),
  help: "Keys",
  helpClose: "Close",
  answers: "Answers",
  controls: "What the pictures show",
  helpOpen: "Keys (?)",
  tools: { "cross-hair": "", move: "Moving the earlier course", rotate: "Turning the earlier course", pick: "Click to mark a point" },
  keys: [
    ["Arrow keys", "move the cross-hair (Shift: ten times as far)"],
    ["Page Up, Page Down, wheel", "next plane"],
    ["+ and -, Ctrl with wheel", "zoom"],
    ["Drag", "move the cross-hair"],
    ["Middle button or Ctrl, drag", "shift the picture"],
    ["Right button or Shift, drag", "grey window"],
    ["1, 2, …", "image of a course"],
    ["B, C, S, F", "blend, checkerboard, spy-glass, flicker"],
    ["W", "next dose wash"],
    ["I, O, L", "isodose lines, overlap, outlines"],
    ["Home", "back to the start"],
    ["Enter or double-click, Escape", "full size, and back"],
    ["Move tool: arrows, Page Up, Page Down", "move the earlier course 0.5 mm (Shift: 5 mm)"],
    ["Rotate tool: the same keys", "turn it 0.5° (Shift: 2°)"],
  ],
};

/** @param {number} course @param {number} reference */
export function courseText(course, reference) {
  return course === reference ? `C${course}` : `C${course} ${TEXTS.mapped}`;
}

/** @param {string} level "2Gy" or "50%" */
export function levelText(level) {
  return level.replace(/(\d)(Gy|%)/, "$1 $2");
}
