/** Mouse and keys on the planes. */

import { FUSIONS, wantsLittleMotion } from "./controls.js";
import { startPoint, washChoices } from "./case_state.js";
import { PLANES, clamped, identityMatrix, matrixProduct, rotationMatrix, translationMatrix } from "./geometry.js";

const FINE_MM = 0.5;
const COARSE_MM = 5;
const FINE_DEGREES = 0.5;
const COARSE_DEGREES = 2;
const ZOOM_STEP = 1.25;

/**
 * What keys and mouse act upon.
 *
 * @typedef {Object} Stage
 * @property {import("./types.js").CaseView} view
 * @property {import("./plane.js").CaseModel} model
 * @property {Record<import("./types.js").PlaneName, import("./plane.js").PlaneView>} planes
 * @property {ReturnType<typeof import("./case_state.js").axisRanges>} ranges
 * @property {() => void} redraw
 * @property {() => void} help
 * @property {AbortSignal} closed    when another case takes this one's place
 */

/**
 * @param {Stage} stage
 * @param {import("./types.js").Axis} axis
 * @param {number} steps
 */
function stepped(stage, axis, steps) {
  const { first, last, step } = stage.ranges[axis];
  const index = Math.round((stage.view.state.point[axis] - first) / step) + steps;
  return clamped(first + index * step, first, last);
}

/**
 * @param {Stage} stage
 * @param {import("./types.js").Axis} axis
 * @param {number} steps of the image
 */
function moveCrossHair(stage, axis, steps) {
  stage.view.moveTo({ ...stage.view.state.point, [axis]: stepped(stage, axis, steps) });
}

/**
 * The movement so far, and then another one.
 *
 * @param {Stage} stage
 * @param {import("./types.js").Matrix} movement
 */
function adjustBy(stage, movement) {
  const matrix = matrixProduct(movement, stage.view.state.adjustment || identityMatrix());
  stage.view.setAdjustment(matrix);
  stage.view.emit("adjust", { matrix });
}

/**
 * Directions of the keys: axis of the plane and sign. Up is toward the top of the screen.
 *
 * @param {import("./types.js").PlaneName} plane
 * @param {string} key
 * @returns {{role: "u" | "v" | "w", sign: number} | null}
 */
function keyDirection(plane, key) {
  const { up } = PLANES[plane];
  switch (key) {
    case "ArrowRight":
      return { role: "u", sign: 1 };
    case "ArrowLeft":
      return { role: "u", sign: -1 };
    case "ArrowUp":
      return { role: "v", sign: up };
    case "ArrowDown":
      return { role: "v", sign: -up };
    case "PageUp":
      return { role: "w", sign: 1 };
    case "PageDown":
      return { role: "w", sign: -1 };
    default:
      return null;
  }
}

/**
 * Left and right turn in the plane, up and down about its level axis, Page keys about the
 * upright one.
 *
 * @param {import("./types.js").PlaneName} plane
 * @param {{role: "u" | "v" | "w", sign: number}} direction
 * @param {number} degrees
 * @param {import("./types.js").Point} about
 */
function keyRotation(plane, direction, degrees, about) {
  const { u, v, w, up } = PLANES[plane];
  if (direction.role === "u") return rotationMatrix(u, v, -up * direction.sign * degrees, about);
  if (direction.role === "v") return rotationMatrix(v, w, direction.sign * degrees, about);
  return rotationMatrix(u, w, direction.sign * degrees, about);
}

/**
 * @param {Stage} stage
 * @param {import("./types.js").PlaneName} plane
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key meant something
 */
function directionKey(stage, plane, event) {
  const direction = keyDirection(plane, event.key);
  if (!direction) return false;
  const { state } = stage.view;
  const axis = PLANES[plane][direction.role];
  if (state.tool === "move") {
    const shift = { x: 0, y: 0, z: 0, [axis]: direction.sign * (event.shiftKey ? COARSE_MM : FINE_MM) };
    adjustBy(stage, translationMatrix(shift));
  } else if (state.tool === "rotate") {
    const degrees = event.shiftKey ? COARSE_DEGREES : FINE_DEGREES;
    adjustBy(stage, keyRotation(plane, direction, degrees, state.point));
  } else {
    moveCrossHair(stage, axis, direction.sign * (event.shiftKey ? 10 : 1));
  }
  return true;
}

/**
 * @param {Stage} stage
 * @param {import("./types.js").PlaneName} plane
 * @param {string} key
 * @returns {boolean}
 */
function planeKey(stage, plane, key) {
  const { view, planes } = stage;
  if (key === "+" || key === "=" || key === "-") {
    const { u, v } = PLANES[plane];
    planes[plane].zoomBy(key === "-" ? 1 / ZOOM_STEP : ZOOM_STEP, { u: view.state.point[u], v: view.state.point[v] });
    stage.redraw();
  } else if (key === "Enter") {
    if (view.state.tool === "pick") view.emit("pick", { point: { ...view.state.point } });
    else view.set({ full: view.state.full === plane ? null : plane });
  } else {
    return false;
  }
  return true;
}

/**
 * Keys that mean the same in all of the case.
 *
 * @param {Stage} stage
 * @returns {Record<string, () => void>}
 */
function caseKeys(stage) {
  const { view, model } = stage;
  const fuse = (/** @type {import("./types.js").Fusion} */ fusion) => () => {
    if (!view.state.other) return;
    const isAgain = view.state.fusion === fusion;
    // With little motion F itself changes the image.
    if (isAgain && fusion === "flicker" && wantsLittleMotion()) view.set({ flicker_other: !view.state.flicker_other });
    else view.set({ fusion: isAgain ? FUSIONS[0] : fusion, flicker_other: fusion === "flicker" && wantsLittleMotion() });
  };
  const washes = washChoices(model.scene).map((choice) => choice.key);
  const nextWash = () => view.set({ wash: washes[(washes.indexOf(view.state.wash) + 1) % washes.length] });
  return {
    b: fuse("blend"),
    c: fuse("checkerboard"),
    s: fuse("spyglass"),
    f: fuse("flicker"),
    w: nextWash,
    i: () => view.set({ lines: !view.state.lines }),
    o: () => view.set({ hatch: !view.state.hatch }),
    l: () => view.set({ outlines: !view.state.outlines }),
    home: () => startAgain(stage),
    escape: () => view.set({ full: null }),
    "?": () => stage.help(),
  };
}

/** @param {Stage} stage */
function startAgain(stage) {
  Object.values(stage.planes).forEach((plane) => plane.startView());
  stage.view.moveTo(startPoint(stage.model.manifest, stage.ranges));
  stage.redraw();
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" && target.type !== "radio";
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName) || target.closest("dialog") !== null;
}

/**
 * @param {Stage} stage
 * @param {HTMLElement} root letters are heard here, where nothing has the focus too
 */
export function listenToKeys(stage, root) {
  const keys = caseKeys(stage);
  const hear = (/** @type {KeyboardEvent} */ event) => {
    const { target } = event;
    const isHere = target === document.body || (target instanceof Node && root.contains(target));
    if (!isHere || isTyping(target) || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const plane = /** @type {import("./types.js").PlaneName | undefined} */ (
      target instanceof HTMLCanvasElement ? target.dataset.plane : undefined
    );
    if (plane && (directionKey(stage, plane, event) || planeKey(stage, plane, event.key))) {
      event.preventDefault();
      return;
    }
    const key = event.key.toLowerCase();
    const isNumber = /^[1-9]$/.test(key) && stage.model.scene.images.has(`C${key}`);
    // Page keys and the like keep their meaning outside of the planes.
    if (key === "home" && !plane) return;
    if (isNumber) stage.view.set({ image: `C${key}` });
    else if (Object.hasOwn(keys, key)) keys[key]();
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", hear, { signal: stage.closed });
}

/**
 * What a drag does, by button, key and tool.
 *
 * @param {PointerEvent} event
 * @param {import("./types.js").Tool} tool
 */
function dragKind(event, tool) {
  if (event.button === 2 || event.shiftKey) return "window";
  if (event.button === 1 || event.ctrlKey) return "pan";
  return tool;
}

/**
 * @param {Stage} stage
 * @param {number} dx
 * @param {number} dy
 */
function dragWindow(stage, dx, dy) {
  const { state } = stage.view;
  if (state.image === null) return;
  const { black, white } = state.windows[state.image];
  const pace = Math.max(white - black, 1) / 300;
  const width = Math.max(white - black + dx * pace, pace);
  const middle = (black + white) / 2 + dy * pace;
  const window = { black: middle - width / 2, white: middle + width / 2 };
  stage.view.set({ windows: { ...state.windows, [state.image]: window } });
}

/**
 * @param {Stage} stage
 * @param {import("./plane.js").PlaneView} plane
 * @param {{kind: string, from: {u: number, v: number}, dx: number, dy: number}} drag
 * @param {{u: number, v: number}} to
 */
function dragTo(stage, plane, drag, to) {
  const { u, v } = PLANES[plane.name];
  const { point } = stage.view.state;
  if (drag.kind === "window") {
    dragWindow(stage, drag.dx, drag.dy);
  } else if (drag.kind === "pan") {
    plane.pan(drag.dx * (window.devicePixelRatio || 1), drag.dy * (window.devicePixelRatio || 1));
    stage.redraw();
  } else if (drag.kind === "move") {
    adjustBy(stage, translationMatrix({ x: 0, y: 0, z: 0, [u]: to.u - drag.from.u, [v]: to.v - drag.from.v }));
  } else if (drag.kind === "rotate") {
    const before = Math.atan2(drag.from.v - point[v], drag.from.u - point[u]);
    const after = Math.atan2(to.v - point[v], to.u - point[u]);
    adjustBy(stage, rotationMatrix(u, v, ((after - before) * 180) / Math.PI, point));
  } else if (drag.kind === "cross-hair") {
    stage.view.moveTo({ ...point, [u]: to.u, [v]: to.v });
  }
}

/**
 * @param {Stage} stage
 * @param {import("./plane.js").PlaneView} plane
 */
export function listenToMouse(stage, plane) {
  const { canvas } = plane;
  /** @type {{kind: string, from: {u: number, v: number}, x: number, y: number} | null} */
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus();
    event.preventDefault();
    const from = plane.at(event);
    const kind = dragKind(event, stage.view.state.tool);
    drag = { kind, from, x: event.clientX, y: event.clientY };
    canvas.setPointerCapture(event.pointerId);
    if (kind === "cross-hair") dragTo(stage, plane, { ...drag, dx: 0, dy: 0 }, from);
    if (kind === "pick") pickAt(stage, plane, from);
  });
  canvas.addEventListener("pointermove", (event) => {
    const to = plane.at(event);
    plane.pointer = to;
    if (drag) {
      dragTo(stage, plane, { ...drag, dx: event.clientX - drag.x, dy: event.clientY - drag.y }, to);
      drag = { kind: drag.kind, from: plane.at(event), x: event.clientX, y: event.clientY };
    } else if (stage.view.state.fusion === "spyglass") {
      stage.redraw();
    }
  });
  const release = () => (drag = null);
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => {
    plane.pointer = null;
    if (stage.view.state.fusion === "spyglass") stage.redraw();
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("dblclick", () => {
    if (stage.view.state.tool !== "pick") stage.view.set({ full: stage.view.state.full === plane.name ? null : plane.name });
  });
  canvas.addEventListener("wheel", (event) => wheel(stage, plane, event), { passive: false });
}

/**
 * @param {Stage} stage
 * @param {import("./plane.js").PlaneView} plane
 * @param {{u: number, v: number}} at
 */
function pickAt(stage, plane, at) {
  const { u, v } = PLANES[plane.name];
  const point = { ...stage.view.state.point, [u]: at.u, [v]: at.v };
  stage.view.moveTo(point);
  stage.view.emit("pick", { point });
}

/**
 * @param {Stage} stage
 * @param {import("./plane.js").PlaneView} plane
 * @param {WheelEvent} event
 */
function wheel(stage, plane, event) {
  event.preventDefault();
  if (event.ctrlKey) {
    plane.zoomBy(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, plane.at(event));
    stage.redraw();
  } else if (event.deltaY !== 0) {
    moveCrossHair(stage, PLANES[plane.name].w, event.deltaY < 0 ? 1 : -1);
  }
}
