/** How a case was looked at, so that its next version opens in the same way. */

const KEPT_KEY = "reirrad.view";
/** @type {(keyof import("./viewer/types.js").CaseState)[]} */
const PLAIN_CHOICES = [
  "fusion",
  "blend",
  "tile_mm",
  "radius_mm",
  "flicker_hz",
  "windows",
  "wash_opacity",
  "lines",
  "hatch",
  "outlines",
];

/**
 * Keep the choices in this tab until the next page is open, and no longer.
 *
 * @param {string} caseId
 * @param {import("./viewer/types.js").CaseView} view
 */
export function keepView(caseId, view) {
  addEventListener("pagehide", () => {
    const { adjustment, tool, full, ...state } = view.state;
    sessionStorage.setItem(KEPT_KEY, JSON.stringify({ caseId, state }));
  });
}

/**
 * Show a case as the page before showed it; another case is shown as new.
 *
 * @param {string} caseId
 * @param {import("./viewer/types.js").CaseView} view
 * @param {number} courses How many the case has.
 */
export function restoreView(caseId, view, courses) {
  const text = sessionStorage.getItem(KEPT_KEY);
  sessionStorage.removeItem(KEPT_KEY);
  const kept = text === null ? null : JSON.parse(text);
  if (kept === null || kept.caseId !== caseId) {
    return;
  }
  view.set(stillPossible(kept.state, view, courses));
  view.moveTo(kept.state.point);
}

/**
 * Choices of before that this version has too.
 *
 * @param {import("./viewer/types.js").CaseState} before
 * @param {import("./viewer/types.js").CaseView} view
 * @param {number} courses
 * @returns {Partial<import("./viewer/types.js").CaseState>}
 */
function stillPossible(before, view, courses) {
  const { state, manifest } = view;
  /** @type {Record<string, unknown>} */
  const change = Object.fromEntries(PLAIN_CHOICES.map((key) => [key, before[key]]));
  change.windows = { ...state.windows, ...before.windows };
  const images = manifest.volumes.filter((one) => one.kind === "image").map((one) => `C${one.course}`);
  if (before.image !== null && images.includes(before.image)) {
    change.image = before.image;
    change.other = before.other !== null && images.includes(before.other) ? before.other : state.other;
  }
  const hasSum = courses > 1 && manifest.volumes.filter((one) => one.kind === "eqd2").length === courses;
  if (before.wash === "off" || (before.wash === "sum" && hasSum) || manifest.volumes.some((one) => one.name === before.wash)) {
    change.wash = before.wash;
  }
  const isShown = new Map(before.levels.map((one) => [one.key, one.shown]));
  change.levels = state.levels.map((one) => ({ ...one, shown: isShown.get(one.key) ?? one.shown }));
  return change;
}
