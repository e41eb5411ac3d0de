import { answered } from "./api.js";
import { allow, deskPanel, problemList } from "./elements.js";
import { problemsIn, Refused } from "./http.js";
import { earlierCourses } from "./registration_panel.js";
import { rightsOf } from "./rights.js";
import { distanceMm } from "./rigid.js";
import { identityMatrix, matrixProduct, movedPoint, rigidInverse } from "./viewer/geometry.js";
import { WORDS } from "./texts_server.js";
import { watchUnsaved } from "./unsaved.js";
import { made, present } from "./viewer/nodes.js";

/** @typedef {import("./server_types.js").LandmarkPair} LandmarkPair */
/** @typedef {{id: number, pairs: LandmarkPair[], not_used: string[]}} KeptLandmarks */

const LANDMARKS_TEXT = WORDS.landmarks;

/**
 * Where an assessed registration, and the adjusted one, puts the point of a pair.
 *
 * @param {LandmarkPair} pair
 * @param {Map<number, number[][]>} matrices Of the version, by earlier course.
 * @param {number[][] | null} adjustment
 * @returns {number | null} Distance left to the point of the reference image, in mm.
 */
function registrationErrorMm(pair, matrices, adjustment) {
  const matrix = matrices.get(pair.course);
  if (matrix === undefined) {
    return null;
  }
  const whole = adjustment === null ? matrix : matrixProduct(adjustment, matrix);
  return distanceMm(movedPoint(whole, pair.earlier_mm), pair.reference_mm);
}

/**
 * Mark the same points in both images and see how far apart the registration puts them.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @param {KeptLandmarks} kept As the server has them.
 * @param {Map<number, number[][]>} matrices
 * @returns {HTMLElement}
 */
export function landmarksPanel(desk, kept, matrices) {
  const { pairs } = kept;
  let basedOn = kept.id;
  const path = `/api/cases/${desk.caseId}/landmarks?version=${desk.version.number}`;
  const mayWork = rightsOf(desk.person).work;
  const list = made("div", {});
  const note = made("p", { class: "hint", role: "status" });
  const save = made("button", { type: "button", class: "primary", disabled: true }, LANDMARKS_TEXT.save);
  const answer = made("div", {});
  watchUnsaved(() => !save.disabled);
  const changed = () => {
    note.textContent = LANDMARKS_TEXT.unsaved;
    save.disabled = false;
    draw();
  };
  const draw = () =>
    list.replaceChildren(
      pairs.length === 0 ? made("p", { class: "hint" }, LANDMARKS_TEXT.none) : pairTable(desk, pairs, matrices, mayWork, changed),
    );
  const takeTheirs = async (/** @type {string[]} */ problems) => {
    const theirs = await answered("GET", path);
    if (theirs.id !== basedOn) {
      basedOn = theirs.id;
      pairs.splice(0, pairs.length, ...mergedPairs(theirs.pairs, pairs));
      answer.replaceChildren(problemList([...problems, LANDMARKS_TEXT.merged]));
      draw();
    }
  };
  save.addEventListener("click", async () => {
    try {
      const saved = await answered("PUT", path, { pairs, based_on: basedOn });
      basedOn = saved.id;
      answer.replaceChildren();
      note.textContent = LANDMARKS_TEXT.saved;
      save.disabled = true;
    } catch (fault) {
      answer.replaceChildren(problemList(problemsIn(fault)));
      if (fault instanceof Refused && fault.status === 409) {
        await takeTheirs(fault.problems);
      }
    }
  });
  desk.view.on("adjust", draw);
  draw();
  const marking = markingSteps(desk, matrices, (pair) => {
    pairs.push({ ...pair, label: freeLabel(pairs) });
    changed();
  });
  return deskPanel(
    "landmarks",
    LANDMARKS_TEXT.title,
    made("p", { class: "hint" }, LANDMARKS_TEXT.intro),
    mayWork ? marking : made("p", { class: "hint" }, LANDMARKS_TEXT.mayNot),
    list,
    ...kept.not_used.map((sentence) => made("p", { class: "hint" }, sentence)),
    mayWork ? made("div", { class: "buttons" }, save) : null,
    note,
    answer,
  );
}

/**
 * What somebody else saved, and those of one's own that are not among it.
 *
 * @param {LandmarkPair[]} theirs
 * @param {LandmarkPair[]} own
 * @returns {LandmarkPair[]}
 */
function mergedPairs(theirs, own) {
  const merged = [...theirs];
  const placed = (/** @type {LandmarkPair} */ pair) => JSON.stringify([pair.course, pair.earlier_mm, pair.reference_mm]);
  const known = new Set(theirs.map(placed));
  for (const pair of own.filter((one) => !known.has(placed(one)))) {
    const isTaken = merged.some((one) => one.course === pair.course && one.label === pair.label);
    merged.push(isTaken ? { ...pair, label: freeLabel(merged) } : pair);
  }
  return merged;
}

/**
 * A label that no pair has yet.
 *
 * @param {LandmarkPair[]} pairs
 * @returns {string}
 */
function freeLabel(pairs) {
  const taken = new Set(pairs.map((pair) => pair.label));
  let number = pairs.length + 1;
  while (taken.has(LANDMARKS_TEXT.newLabel(number))) {
    number += 1;
  }
  return LANDMARKS_TEXT.newLabel(number);
}

/**
 * The movement that is on the screen, for a course that it moves.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @param {number} course
 * @returns {number[][] | null}
 */
function adjustmentOf(desk, course) {
  return desk.version.adjustable_courses.includes(course) ? desk.view.state.adjustment : null;
}

/**
 * The two clicks that make a pair.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @param {Map<number, number[][]>} matrices
 * @param {(pair: Omit<LandmarkPair, "label">) => void} marked
 * @returns {HTMLElement}
 */
function markingSteps(desk, matrices, marked) {
  const { view } = desk;
  const reference = view.manifest.reference_course;
  const guide = made("p", { class: "guide", role: "status" });
  const here = made("button", { type: "button" }, LANDMARKS_TEXT.here);
  const stop = made("button", { type: "button" }, LANDMARKS_TEXT.stop);
  const under = made("div", { class: "marking", hidden: true }, guide, made("div", { class: "buttons" }, here, stop));
  const reason = made("p", { class: "hint", hidden: true });
  /** @type {{course: number, earlier_mm: import("./server_types.js").Place | null} | null} */
  let pending = null;

  const begin = (/** @type {number} */ course) => {
    pending = { course, earlier_mm: null };
    under.hidden = false;
    guide.textContent = LANDMARKS_TEXT.earlier(course);
    view.set({ image: `C${course}`, fusion: "one" });
    view.setTool("pick");
    here.focus();
  };
  const end = () => {
    pending = null;
    under.hidden = true;
    view.setTool("cross-hair");
    buttons[0]?.focus();
  };
  const take = (/** @type {import("./viewer/types.js").Point} */ point) => {
    const matrix = pending === null ? undefined : matrices.get(pending.course);
    if (pending === null || matrix === undefined) {
      return;
    }
    if (pending.earlier_mm === null) {
      const adjustment = adjustmentOf(desk, pending.course) ?? identityMatrix();
      const shown = matrixProduct(adjustment, matrix);
      pending.earlier_mm = movedPoint(rigidInverse(shown), point);
      guide.textContent = LANDMARKS_TEXT.reference(reference);
      view.set({ image: `C${reference}`, fusion: "one" });
      return;
    }
    marked({ course: pending.course, earlier_mm: pending.earlier_mm, reference_mm: { ...point } });
    end();
  };
  const drawn = earlierCourses(view.manifest);
  const courses = [...new Set([...drawn, ...matrices.keys()])];
  const buttons = courses.map((course) => {
    const name = courses.length === 1 ? LANDMARKS_TEXT.start : `${LANDMARKS_TEXT.start}: ${WORDS.adjust.oneCourse(course)}`;
    const button = made("button", { type: "button", "data-mark": String(course), click: () => begin(course) }, name);
    if (!matrices.has(course) || !drawn.includes(course)) {
      allow(button, reason, matrices.has(course) ? LANDMARKS_TEXT.notDrawn(course) : LANDMARKS_TEXT.noMatrix(course));
    }
    return button;
  });
  here.addEventListener("click", () => take(view.state.point));
  stop.addEventListener("click", end);
  view.on("pick", ({ point }) => take(point));
  return made("div", {}, made("div", { class: "buttons" }, ...buttons), reason, under);
}

/**
 * @param {import("./desk_types.js").Desk} desk
 * @param {LandmarkPair[]} pairs
 * @param {Map<number, number[][]>} matrices
 * @param {boolean} mayWork
 * @param {() => void} changed
 * @returns {HTMLElement}
 */
function pairTable(desk, pairs, matrices, mayWork, changed) {
  const assessed = pairs.map((pair) => registrationErrorMm(pair, matrices, null));
  const adjusted = pairs.map((pair) => registrationErrorMm(pair, matrices, adjustmentOf(desk, pair.course)));
  const columns = LANDMARKS_TEXT.columns;
  const rows = pairs.map((pair, index) => {
    const label = made("input", {
      value: pair.label,
      "aria-label": LANDMARKS_TEXT.labelOf(index + 1),
      disabled: !mayWork,
      maxlength: "60",
      change: (/** @type {Event} */ event) => {
        pair.label = /** @type {HTMLInputElement} */ (event.target).value.trim() || pair.label;
        changed();
      },
    });
    const jump = made(
      "button",
      { type: "button", class: "quiet", "aria-label": LANDMARKS_TEXT.jumpTo(pair.label), click: () => desk.view.moveTo(pair.reference_mm) },
      LANDMARKS_TEXT.jump,
    );
    const remove = made(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": LANDMARKS_TEXT.removeOf(pair.label),
        click: () => {
          pairs.splice(index, 1);
          changed();
        },
      },
      LANDMARKS_TEXT.remove,
    );
    return made(
      "tr",
      {},
      made("td", {}, label),
      made("td", { class: "number" }, distanceWords(assessed[index])),
      made("td", { class: "number" }, distanceWords(adjusted[index])),
      made("td", { class: "actions" }, jump, mayWork ? remove : null),
    );
  });
  return made(
    "table",
    { class: "pairs" },
    made("caption", { class: "unseen" }, LANDMARKS_TEXT.caption),
    made(
      "thead",
      {},
      made(
        "tr",
        {},
        made("th", { scope: "col" }, columns.label),
        made("th", { scope: "col", class: "number" }, columns.assessed),
        made("th", { scope: "col", class: "number" }, columns.adjusted),
        made("th", { scope: "col" }, made("span", { class: "unseen" }, columns.actions)),
      ),
    ),
    made("tbody", {}, ...rows),
    made("tfoot", {}, totalRow(LANDMARKS_TEXT.mean, meanOf, assessed, adjusted), totalRow(LANDMARKS_TEXT.largest, largestOf, assessed, adjusted)),
  );
}

/**
 * @param {string} title
 * @param {(values: number[]) => number} total
 * @param {(number | null)[]} assessed
 * @param {(number | null)[]} adjusted
 * @returns {HTMLTableRowElement}
 */
function totalRow(title, total, assessed, adjusted) {
  const cell = (/** @type {(number | null)[]} */ distances) => {
    const known = present(distances);
    return distanceWords(known.length === 0 ? null : total(known));
  };
  return made(
    "tr",
    {},
    made("th", { scope: "row" }, title),
    made("td", { class: "number" }, cell(assessed)),
    made("td", { class: "number" }, cell(adjusted)),
    made("td", {}),
  );
}

/** @param {number[]} values */
function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {number[]} values */
function largestOf(values) {
  return Math.max(...values);
}

/** @param {number | null} distance */
function distanceWords(distance) {
  return distance === null ? LANDMARKS_TEXT.notMapped : LANDMARKS_TEXT.mm(distance);
}
