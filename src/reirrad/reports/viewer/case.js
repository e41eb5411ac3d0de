/** The case on the page: three linked planes, what they show, and what is at the cross-hair. */

import { axisRanges, firstState, planeExtent, readScene, startPoint } from "./case_state.js";
import { fillControls, wantsLittleMotion } from "./controls.js";
import { AXES, PLANE_NAMES, clamped } from "./geometry.js";
import { listenToKeys, listenToMouse } from "./interaction.js";
import { planeLabel } from "./marks.js";
import { made, newButton } from "./nodes.js";
import { readOutlines, structureKey } from "./outlines.js";
import { fillAnswers, fillBar } from "./panels.js";
import { PlaneView } from "./plane.js";
import { readoutOf } from "./readout.js";
import { TEXTS } from "./texts.js";
import { SCENE_FORMAT } from "./types.js";

/**
 * What closes the case in an element when another one is opened there.
 *
 * @type {WeakMap<HTMLElement, AbortController>}
 */
const OPEN_CASES = new WeakMap();

/** @param {HTMLElement} root */
function caseSkeleton(root) {
  const bar = made("header", { class: "bar" });
  const controls = made("aside", { class: "controls", "aria-label": TEXTS.controls });
  const planes = made("main", { class: "planes" });
  const answers = made("aside", { class: "answers", "aria-label": TEXTS.answers });
  const readout = made("footer", { class: "readout", "aria-live": "polite" });
  root.classList.add("case");
  root.replaceChildren(bar, controls, planes, answers, readout);
  planes.append(made("p", { class: "waiting", role: "status" }, TEXTS.loading));
  return { bar, controls, planes, answers, readout };
}

/** @param {HTMLElement} planes */
function planeCanvases(planes) {
  const canvases = PLANE_NAMES.map((name) => {
    const attributes = { "data-plane": name, tabindex: "0", role: "application", "aria-label": TEXTS.planes[name] };
    return made("canvas", attributes);
  });
  planes.replaceChildren(...canvases);
  return canvases;
}

function helpDialog() {
  const rows = TEXTS.keys.map(([keys, meaning]) =>
    made("tr", {}, made("th", { scope: "row" }, keys), made("td", {}, meaning)),
  );
  const dialog = made("dialog", { class: "help", "aria-label": TEXTS.help });
  const close = newButton(TEXTS.helpClose, TEXTS.helpClose, () => dialog.close());
  dialog.append(made("h2", {}, TEXTS.help), made("table", {}, made("tbody", {}, ...rows)), close);
  return dialog;
}

/** Those who listen, by name of the event. */
function listening() {
  /** @type {Map<string, ((detail: any) => void)[]>} */
  const listeners = new Map();
  return {
    on: (/** @type {string} */ name, /** @type {(detail: any) => void} */ listener) => {
      listeners.set(name, [...(listeners.get(name) || []), listener]);
    },
    emit: (/** @type {string} */ name, /** @type {any} */ detail) => {
      for (const listener of listeners.get(name) || []) listener(detail);
    },
  };
}

/**
 * A change of the image keeps the other image another one.
 *
 * @param {import("./types.js").CaseState} state
 * @param {Partial<import("./types.js").CaseState>} change
 * @param {string[]} images
 */
function changedState(state, change, images) {
  const before = state.image;
  Object.assign(state, change);
  if (state.image === state.other) {
    const isFree = (/** @type {string | null} */ key) => key !== null && key !== state.image && images.includes(key);
    state.other = isFree(before) ? before : images.find(isFree) || null;
  }
  if (state.other === null) state.fusion = "one";
}

/**
 * Draws once for all changes until the next frame of the screen.
 *
 * @param {import("./plane.js").PlaneView[]} planes
 * @param {{version: number}} changes
 * @param {(ms: number) => void} drawn
 */
function drawingOf(planes, changes, drawn) {
  let isDue = false;
  const draw = () => {
    isDue = false;
    const start = performance.now();
    for (const plane of planes) {
      plane.resize();
      if (plane.canvas.offsetParent !== null) plane.draw(changes.version);
    }
    drawn(performance.now() - start);
  };
  return () => {
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  };
}

/**
 * Changes the image in turn while flicker is chosen, unless little motion is asked for.
 *
 * @param {import("./types.js").CaseView} view
 * @param {AbortSignal} closed
 */
function keepFlickering(view, closed) {
  let timer = 0;
  let pace = "";
  view.on("state", () => {
    const { fusion, flicker_hz } = view.state;
    const now = fusion === "flicker" && !wantsLittleMotion() ? `${flicker_hz}` : "";
    if (now === pace) return;
    pace = now;
    window.clearInterval(timer);
    const change = () => view.set({ flicker_other: !view.state.flicker_other });
    if (now !== "") timer = window.setInterval(change, 1000 / flicker_hz);
  });
  closed.addEventListener("abort", () => window.clearInterval(timer));
}

/**
 * @param {import("./plane.js").CaseModel} model
 * @param {ReturnType<typeof axisRanges>} ranges
 * @param {HTMLElement} root
 * @param {() => {redraw: () => void, read: () => void, planes: import("./plane.js").PlaneView[], changes: {version: number}}} parts
 * @param {Promise<void>} drawnFirst
 * @returns {import("./types.js").CaseView}
 */
function caseView(model, ranges, root, parts, drawnFirst) {
  const { state, manifest, scene } = model;
  const { on, emit } = listening();
  const images = [...scene.images.keys()];
  const set = (/** @type {Partial<import("./types.js").CaseState>} */ change) => {
    changedState(state, change, images);
    const { redraw, changes } = parts();
    changes.version++;
    root.dataset.full = state.full || "";
    root.dataset.tool = state.tool;
    redraw();
    emit("state", state);
  };
  const moveTo = (/** @type {import("./types.js").Point} */ point) => {
    const within = { x: point.x, y: point.y, z: point.z };
    for (const axis of AXES) {
      within[axis] = clamped(point[axis], ranges[axis].first, ranges[axis].last);
    }
    state.point = within;
    const { redraw, read, planes } = parts();
    planes.forEach((plane) => plane.follow());
    redraw();
    read();
    emit("point", { ...within });
  };
  const setAdjustment = (/** @type {import("./types.js").Matrix | null} */ adjustment) => {
    set({ adjustment });
    parts().read();
  };
  const setMovable = (/** @type {number[]} */ courses) => {
    set({ movable: courses.filter((course) => course !== scene.reference) });
    parts().read();
  };
  const setTool = (/** @type {import("./types.js").Tool} */ tool) => set({ tool });
  const colours = (/** @type {string} */ label) => {
    const entry = manifest.structures.find((one) => one.label === label || structureKey(one) === label);
    return entry ? entry.colour : "#9aa7b5";
  };
  const pixelAt = (/** @type {import("./types.js").PlaneName} */ name, /** @type {import("./types.js").Point} */ point) => {
    const plane = parts().planes[PLANE_NAMES.indexOf(name)];
    return plane.pixelOf(point);
  };
  return { root, state, manifest, moveTo, set, setAdjustment, setMovable, setTool, on, emit, colours, pixelAt, drawnFirst };
}

/**
 * Open a case.
 *
 * @param {HTMLElement} root
 * @param {import("./types.js").CaseSource} source
 * @returns {Promise<import("./types.js").CaseView>}
 */
export async function showCase(root, source) {
  const parts = caseSkeleton(root);
  const former = OPEN_CASES.get(root);
  if (former) former.abort();
  const closing = new AbortController();
  OPEN_CASES.set(root, closing);
  try {
    if (source.manifest.format !== SCENE_FORMAT) throw new Error(TEXTS.wrongFormat);
    const scene = await readScene(source);
    const outlines = await readOutlines(source.manifest, await source.part(source.manifest.outlines_part));
    return openCase(root, source, parts, { scene, outlines, closed: closing.signal });
  } catch (problem) {
    const words = problem instanceof Error ? problem.message : String(problem);
    parts.planes.replaceChildren(made("p", { class: "waiting", role: "alert" }, TEXTS.failed + words));
    throw problem;
  }
}

/**
 * @param {HTMLElement} root
 * @param {import("./types.js").CaseSource} source
 * @param {ReturnType<typeof caseSkeleton>} parts
 * @param {{scene: import("./layers.js").SceneVolumes, outlines: import("./outlines.js").Outlines,
 *   closed: AbortSignal}} opened
 */
function openCase(root, source, parts, { scene, outlines, closed }) {
  const model = { state: firstState(source, scene), manifest: source.manifest, scene, outlines };
  const ranges = axisRanges(scene, outlines);
  const canvases = planeCanvases(parts.planes);
  const planes = PLANE_NAMES.map((name, at) => new PlaneView(name, canvases[at], model, planeExtent(name, ranges, scene)));
  const changes = { version: 0 };
  const read = readoutOf(parts.readout, model, source);
  /** @type {() => void} */
  let first = () => undefined;
  const drawnFirst = /** @type {Promise<void>} */ (new Promise((resolve) => (first = () => resolve(undefined))));
  const redraw = drawingOf(planes, changes, (ms) => {
    first();
    view.emit("drawn", ms);
  });
  const view = caseView(model, ranges, root, () => ({ redraw, read, planes, changes }), drawnFirst);
  const dialog = helpDialog();
  root.append(dialog);
  const help = () => dialog.showModal();
  const stage = { view, model, planes: { axial: planes[0], sagittal: planes[1], coronal: planes[2] }, ranges, redraw, help, closed };
  planes.forEach((plane) => listenToMouse(stage, plane));
  listenToKeys(stage, root);
  keepFlickering(view, closed);
  fillControls(parts.controls, view, model, help);
  view.on("point", () => labelCanvases(planes, model.state.point));
  fillBar(parts.bar, source.page);
  fillAnswers(parts.answers, source.page, view);
  const sizes = new ResizeObserver(redraw);
  sizes.observe(parts.planes);
  closed.addEventListener("abort", () => sizes.disconnect());
  view.set({});
  view.moveTo(startPoint(source.manifest, ranges));
  return view;
}

/**
 * @param {import("./plane.js").PlaneView[]} planes
 * @param {import("./types.js").Point} point
 */
function labelCanvases(planes, point) {
  for (const plane of planes) plane.canvas.setAttribute("aria-label", planeLabel(plane.name, point));
}
