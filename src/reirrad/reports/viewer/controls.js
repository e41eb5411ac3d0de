/** The panel that says what the pictures show: image, dose wash. */

import { CT_WINDOWS, automaticWindow, hasWindow, washChoices } from "./case_state.js";
import { isodosePanel, overlapPanel, structurePanel } from "./drawn_controls.js";
import { made, newButton, newNumber, newSlider } from "./nodes.js";
import { TEXTS, courseText } from "./texts.js";

/**
 * A part of the panel; `update` brings it in line with the state.
 *
 * @typedef {{section: HTMLElement, update: () => void}} ControlPanel
 */

/** @type {import("./types.js").Fusion[]} */
export const FUSIONS = ["one", "blend", "checkerboard", "spyglass", "flicker"];

/**
 * @param {string} title
 * @param {(Node | null)[]} children
 */
function controlSection(title, children) {
  return made("section", { class: "control" }, made("h2", {}, title), ...children);
}

/**
 * Buttons of which one is pressed.
 *
 * @param {string} label
 * @param {{key: string, text: string, title: string}[]} choices
 * @param {(key: string) => void} act
 */
function choiceGroup(label, choices, act) {
  const buttons = choices.map((choice) => newButton(choice.text, choice.title, () => act(choice.key)));
  const group = made("div", { class: "group", role: "group", "aria-label": label }, ...buttons);
  const press = (/** @type {string | null} */ key) =>
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(choices[at].key === key)));
  return { group, buttons, press };
}

/**
 * @param {import("./types.js").CaseView} view
 * @param {import("./layers.js").SceneVolumes} scene
 * @returns {ControlPanel}
 */
function imagePanel(view, scene) {
  const keys = [...scene.images.keys()];
  const choices = keys.map((key) => {
    const entry = /** @type {import("./types.js").Volume} */ (scene.images.get(key)).entry;
    const text = `${courseText(Number(entry.course), scene.reference)} ${entry.modality}`;
    return { key, text, title: `${TEXTS.imageBelow}: ${text}` };
  });
  const images = choiceGroup(TEXTS.imageBelow, choices, (key) => view.set({ image: key }));
  const others = choiceGroup(TEXTS.imageOther, choices, (key) => view.set({ other: key }));
  const fusions = choiceGroup(
    TEXTS.fusion,
    FUSIONS.map((key) => ({ key, text: TEXTS.fusions[key], title: TEXTS.fusionTitles[key] })),
    (key) => view.set({ fusion: /** @type {import("./types.js").Fusion} */ (key) }),
  );
  const settings = fusionSettings(view);
  const otherRow = made("div", { class: "row" }, made("span", { class: "label" }, TEXTS.imageOther), others.group);
  const reason = keys.length === 0 ? TEXTS.fusionNeedsImages : keys.length === 1 ? TEXTS.fusionNeedsTwo : "";
  const note = made("p", { class: "note" }, reason);
  fusions.buttons.slice(keys.length < 2 ? 1 : FUSIONS.length).forEach((button) => (button.disabled = true));
  const section = controlSection(TEXTS.image, [images.group, fusions.group, otherRow, settings.part, reason ? note : null]);
  const update = () => {
    const { state } = view;
    images.press(state.image);
    others.press(state.other);
    fusions.press(state.fusion);
    otherRow.hidden = keys.length < 3 || state.fusion === "one";
    others.buttons.forEach((button, at) => (button.disabled = keys[at] === state.image));
    settings.update();
  };
  return { section, update };
}

/** @param {import("./types.js").CaseView} view */
function fusionSettings(view) {
  const { state } = view;
  /** @type {Partial<Record<import("./types.js").Fusion, HTMLElement>>} */
  const sliders = {
    blend: newSlider(TEXTS.blendShare, { min: 0, max: 1, step: 0.01, value: state.blend }, (blend) => view.set({ blend })),
    checkerboard: newSlider(TEXTS.tileSize, { min: 5, max: 100, step: 5, value: state.tile_mm }, (tile_mm) => view.set({ tile_mm })),
    spyglass: newSlider(TEXTS.glassRadius, { min: 10, max: 100, step: 5, value: state.radius_mm }, (radius_mm) => view.set({ radius_mm })),
    flicker: newSlider(TEXTS.flickerRate, { min: 0.5, max: 2.5, step: 0.5, value: state.flicker_hz }, (flicker_hz) => view.set({ flicker_hz })),
  };
  const still = made("p", { class: "note" }, TEXTS.flickerStill);
  const part = made("div", { class: "settings" }, ...Object.values(sliders), still);
  const update = () => {
    for (const [key, slider] of Object.entries(sliders)) slider.hidden = key !== view.state.fusion;
    still.hidden = view.state.fusion !== "flicker" || !wantsLittleMotion();
  };
  return { part, update };
}

/** Whether the system asks for little motion. */
export function wantsLittleMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * @param {import("./types.js").CaseView} view
 * @param {import("./layers.js").SceneVolumes} scene
 * @returns {ControlPanel}
 */
function windowPanel(view, scene) {
  const shown = () => view.state.image || "";
  const apply = (/** @type {Partial<import("./types.js").GreyWindow>} */ change) => {
    const windows = { ...view.state.windows, [shown()]: { ...view.state.windows[shown()], ...change } };
    view.set({ windows });
  };
  const automatic = newButton(TEXTS.presets.automatic, TEXTS.window, () => {
    const volume = scene.images.get(shown());
    if (volume) apply(automaticWindow(volume));
  });
  const presets = Object.entries(CT_WINDOWS).map(([name, window]) =>
    newButton(TEXTS.presets[/** @type {keyof typeof CT_WINDOWS} */ (name)], `${window.black} to ${window.white} HU`, () => apply(window)),
  );
  const numbers = made("div", { class: "row" });
  const group = made("div", { class: "group", role: "group", "aria-label": TEXTS.window }, automatic, ...presets);
  const hint = made("p", { class: "note" }, TEXTS.windowHint);
  const section = controlSection(TEXTS.window, [group, numbers, hint]);
  const black = newNumber(TEXTS.windowBlack, 0, (value) => apply({ black: value }));
  const white = newNumber(TEXTS.windowWhite, 1, (value) => apply({ white: value }));
  numbers.append(black, white);
  const update = () => {
    const volume = scene.images.get(shown());
    section.hidden = !volume;
    const isFitting = (/** @type {import("./types.js").GreyWindow} */ window) =>
      volume !== undefined && volume.entry.modality === "CT" && hasWindow(volume, window);
    Object.values(CT_WINDOWS).forEach((window, at) => (presets[at].hidden = !isFitting(window)));
    if (!volume) return;
    showNumber(black, view.state.windows[shown()].black);
    showNumber(white, view.state.windows[shown()].white);
  };
  return { section, update };
}

/** @param {HTMLElement} label @param {number} value */
function showNumber(label, value) {
  const input = /** @type {HTMLInputElement} */ (label.querySelector("input"));
  if (document.activeElement !== input) input.value = `${Number(value.toFixed(Math.abs(value) >= 100 ? 0 : 2))}`;
}

/**
 * @param {import("./types.js").CaseView} view
 * @param {import("./layers.js").SceneVolumes} scene
 * @returns {ControlPanel}
 */
function washPanel(view, scene) {
  const choices = choiceGroup(TEXTS.wash, washChoices(scene), (wash) => view.set({ wash }));
  const opacity = newSlider(TEXTS.opacity, { min: 0, max: 1, step: 0.05, value: view.state.wash_opacity }, (wash_opacity) =>
    view.set({ wash_opacity }),
  );
  const change = (/** @type {{low?: number, high?: number}} */ end) => {
    const { wash, ranges } = view.state;
    const range = { ...ranges[wash], ...end };
    if (range.high > range.low) view.set({ ranges: { ...ranges, [wash]: range } });
  };
  const low = newNumber(TEXTS.rangeFrom, 0, (value) => change({ low: value }));
  const high = newNumber(TEXTS.rangeTo, 1, (value) => change({ high: value }));
  const range = made("div", { class: "row" }, low, high, made("span", { class: "unit" }, TEXTS.rangeUnit));
  const note = made("p", { class: "note" });
  const section = controlSection(TEXTS.wash, [choices.group, opacity, range, note]);
  const update = () => {
    const { wash, ranges } = view.state;
    choices.press(wash);
    range.hidden = wash === "off";
    opacity.hidden = wash === "off";
    note.textContent = washNote(view.state, scene);
    note.hidden = note.textContent === "";
    if (wash === "off") return;
    showNumber(low, ranges[wash].low);
    showNumber(high, ranges[wash].high);
  };
  return { section, update };
}

/**
 * What is missing from the choices of the wash, and why.
 *
 * @param {import("./types.js").CaseState} state
 * @param {import("./layers.js").SceneVolumes} scene
 */
function washNote(state, scene) {
  if (scene.doses.size === 0) return TEXTS.washNone;
  if (state.wash === "budget" && state.adjustment) return TEXTS.budgetAway;
  return scene.hasSum ? "" : TEXTS.noSum;
}

/**
 * Fill the panel left of the pictures.
 *
 * @param {HTMLElement} aside
 * @param {import("./types.js").CaseView} view
 * @param {import("./plane.js").CaseModel} model
 * @param {() => void} help
 */
export function fillControls(aside, view, model, help) {
  const panels = [
    imagePanel(view, model.scene),
    washPanel(view, model.scene),
    isodosePanel(view, model.scene),
    overlapPanel(view),
    structurePanel(view, model.outlines),
    windowPanel(view, model.scene),
  ];
  const keys = made("div", { class: "group" }, newButton(TEXTS.helpOpen, TEXTS.help, help));
  aside.replaceChildren(...panels.map((one) => one.section), keys);
  const update = () => panels.forEach((one) => one.update());
  update();
  view.on("state", update);
}
