import { allow, deskPanel, problemList } from "./elements.js";
import { reassess } from "./reassessing.js";
import { rightsOf } from "./rights.js";
import { matrixMovement, MOVEMENT_KEYS, movementMatrix, rotationAngle } from "./rigid.js";
import { WORDS } from "./texts_server.js";
import { watchUnsaved } from "./unsaved.js";
import { made } from "./viewer/nodes.js";

const ADJUST_TEXT = WORDS.adjust;
/** @type {("cross-hair" | "move" | "rotate")[]} */
const TOOLS = ["cross-hair", "move", "rotate"];
/** Below this a movement is none: mm or degrees. */
const SMALLEST = 0.0005;
/** Largest difference of two matrices that are the same: mm, and far less of a rotation. */
const SAME_MATRIX = 1e-5;
const UNMOVED = { x: 0, y: 0, z: 0, rx: 0, ry: 0, rz: 0 };

/**
 * Move and rotate the earlier course by hand, and assess that.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @returns {HTMLElement}
 */
export function adjustPanel(desk) {
  const courses = desk.version.adjustable_courses;
  if (courses.length === 0) {
    return deskPanel("adjust", ADJUST_TEXT.title, made("p", { class: "hint" }, ADJUST_TEXT.nothingEarlier));
  }
  const about = desk.view.manifest.centre_mm;
  const fields = movementFields();
  const size = made("p", { class: "adjusted", role: "status" }, ADJUST_TEXT.unchanged);
  const reset = made("button", { type: "button" }, ADJUST_TEXT.reset);
  const again = made("button", { type: "button", class: "primary" }, ADJUST_TEXT.reassess);
  const { manifest } = desk.view;
  const dosed = new Set(manifest.volumes.filter((one) => one.kind === "dose").map((one) => one.course));
  const unsound = courses.filter((number) => !dosed.has(number));
  const why = made("p", { class: "hint" });
  const outcome = made("div", {});
  const separate = areApart(desk.page, courses);
  /** The adjustment that the server is assessing, as text. */
  let assessing = "null";
  watchUnsaved(() => JSON.stringify(desk.view.state.adjustment) !== assessing && desk.view.state.adjustment !== null);

  const show = (/** @type {number[][] | null} */ matrix) => {
    const movement = matrix === null ? null : matrixMovement(matrix, about);
    for (const key of MOVEMENT_KEYS) {
      if (document.activeElement !== fields[key]) {
        fields[key].value = fieldText(key, movement);
      }
    }
    const moved = movement !== null && isMoved(movement);
    size.textContent = moved ? sizeWords(movement, matrix ?? []) : ADJUST_TEXT.unchanged;
    reset.disabled = !moved;
    allow(again, why, reasonAgainst(desk, moved, separate ? ADJUST_TEXT.apart(courses.join(ADJUST_TEXT.and)) : null));
  };
  const adjust = (/** @type {number[][] | null} */ matrix) => {
    desk.view.setAdjustment(matrix);
    desk.view.emit("adjust", { matrix });
  };
  const typed = (/** @type {keyof import("./rigid.js").Movement} */ key) => {
    const { adjustment } = desk.view.state;
    const movement = adjustment === null ? UNMOVED : matrixMovement(adjustment, about);
    const text = fields[key].value;
    // Nothing, or something that is no number, is not a movement; nor is what is shown.
    const isShown = text === fieldText(key, movement) || Math.abs(Number(text) - movement[key]) < SMALLEST;
    if (text !== "" && !isShown) {
      const changed = { ...movement, [key]: Number(text) };
      adjust(isMoved(changed) ? movementMatrix(changed, about) : null);
    }
  };
  for (const key of MOVEMENT_KEYS) {
    fields[key].addEventListener("change", () => typed(key));
    fields[key].addEventListener("keydown", (event) => event.key === "Enter" && typed(key));
    fields[key].addEventListener("blur", () => {
      typed(key);
      const { adjustment } = desk.view.state;
      fields[key].value = fieldText(key, adjustment === null ? null : matrixMovement(adjustment, about));
    });
  }
  desk.view.on("adjust", ({ matrix }) => show(matrix));
  reset.addEventListener("click", () => adjust(null));
  again.addEventListener("click", async () => {
    const { adjustment } = desk.view.state;
    const problems = await reassess(desk, { adjustment }, "", outcome, () => {
      assessing = JSON.stringify(adjustment);
    });
    if (problems.length > 0) {
      outcome.replaceChildren(problemList(problems));
    }
  });
  show(desk.view.state.adjustment);
  return deskPanel(
    "adjust",
    ADJUST_TEXT.title,
    ...unsound.map((number) => {
      const words = earlierCourses(manifest).includes(number) ? ADJUST_TEXT.imageAlone : ADJUST_TEXT.notDrawn;
      return made("p", { class: "notice" }, words(number));
    }),
    toolChoice(desk.view),
    courses.length > 1 && !separate ? made("p", { class: "hint" }, ADJUST_TEXT.together(courses.join(ADJUST_TEXT.and))) : null,
    fieldGroup(ADJUST_TEXT.shift, ["x", "y", "z"], fields),
    fieldGroup(ADJUST_TEXT.rotation, ["rx", "ry", "rz"], fields),
    made("p", { class: "hint" }, ADJUST_TEXT.about(placeWords(about))),
    size,
    made("div", { class: "buttons" }, reset, again),
    why,
    made("p", { class: "hint" }, ADJUST_TEXT.display),
    outcome,
  );
}

/**
 * @param {keyof import("./rigid.js").Movement} key
 * @param {import("./rigid.js").Movement | null} movement
 */
function fieldText(key, movement) {
  return (movement?.[key] ?? 0).toFixed(key.startsWith("r") ? 2 : 1);
}

/** @param {import("./rigid.js").Movement} movement */
function isMoved(movement) {
  return MOVEMENT_KEYS.some((key) => Math.abs(movement[key]) > SMALLEST);
}

/**
 * Whether the registrations of some courses differ, so that one movement cannot be put
 * on all of them.
 *
 * @param {import("./desk_types.js").Page} page
 * @param {number[]} courses
 */
function areApart(page, courses) {
  const matrices = page.registrations.filter((one) => courses.includes(one.course)).map((one) => one.matrix?.flat() ?? null);
  const [first, ...others] = matrices;
  return others.some((one) => first === null || one === null || one.some((value, at) => Math.abs(value - first[at]) > SAME_MATRIX));
}

/**
 * Courses whose image is mapped onto the reference course.
 *
 * @param {import("./viewer/types.js").Manifest} manifest
 * @returns {number[]}
 */
export function earlierCourses(manifest) {
  const images = manifest.volumes.filter((volume) => volume.kind === "image");
  const courses = new Set(images.map((volume) => volume.course ?? manifest.reference_course));
  courses.delete(manifest.reference_course);
  return [...courses].sort((one, other) => one - other);
}

/** @param {import("./viewer/types.js").Point} point */
function placeWords(point) {
  return [point.x, point.y, point.z].map((value) => value.toFixed(0)).join(", ");
}

/**
 * @param {import("./desk_types.js").Desk} desk
 * @param {boolean} moved
 * @param {string | null} apart Why no movement of these courses can be assessed.
 * @returns {string | null}
 */
function reasonAgainst(desk, moved, apart) {
  if (!rightsOf(desk.person).work) {
    return ADJUST_TEXT.mayNot;
  }
  return apart ?? (moved ? null : ADJUST_TEXT.notYet);
}

/**
 * @param {import("./rigid.js").Movement} movement
 * @param {number[][]} matrix
 */
function sizeWords(movement, matrix) {
  const mm = Math.hypot(movement.x, movement.y, movement.z).toFixed(1);
  return ADJUST_TEXT.size(mm, rotationAngle(matrix).toFixed(1));
}

/** @returns {Record<keyof import("./rigid.js").Movement, HTMLInputElement>} */
function movementFields() {
  const inputs = MOVEMENT_KEYS.map((key) => [
    key,
    made("input", { type: "number", step: "0.5", value: "0", "data-movement": key }),
  ]);
  return Object.fromEntries(inputs);
}

/**
 * @param {string} title
 * @param {(keyof import("./rigid.js").Movement)[]} keys
 * @param {Record<keyof import("./rigid.js").Movement, HTMLInputElement>} fields
 * @returns {HTMLElement}
 */
function fieldGroup(title, keys, fields) {
  const labels = keys.map((key) =>
    made("label", { class: "field" }, made("span", {}, ADJUST_TEXT.field[key]), fields[key]),
  );
  return made(
    "fieldset",
    { class: "three" },
    made("legend", {}, title),
    made("div", { class: "columns" }, ...labels),
  );
}

/**
 * @param {import("./viewer/types.js").CaseView} view
 * @returns {HTMLElement}
 */
function toolChoice(view) {
  const hint = made("p", { class: "hint" });
  const buttons = TOOLS.map((tool) =>
    made("button", { type: "button", "data-tool": tool, click: () => view.setTool(tool) }, ADJUST_TEXT.tool[tool]),
  );
  const show = () => {
    const now = view.state.tool;
    TOOLS.forEach((tool, index) => buttons[index].setAttribute("aria-pressed", String(tool === now)));
    hint.textContent = now === "pick" ? "" : ADJUST_TEXT.hint[now];
  };
  view.on("state", show);
  for (const button of buttons) {
    button.addEventListener("click", show);
  }
  show();
  return made(
    "div",
    {},
    made("div", { class: "choice", role: "group", "aria-label": ADJUST_TEXT.tools }, ...buttons),
    hint,
  );
}
