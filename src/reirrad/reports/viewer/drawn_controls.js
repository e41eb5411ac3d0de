/** The parts of the panel for what is drawn over the pictures: lines, hatching, outlines. */

import { addedLevel, ratioText } from "./case_state.js";
import { made, newButton, newCheck, newNumber, newSwatch } from "./nodes.js";
import { TEXTS, courseText, fixedText } from "./texts.js";

/**
 * A section whose heading carries a box that shows or hides all of it.
 *
 * @param {string} title
 * @param {string} label
 * @param {boolean} isShown
 * @param {(isShown: boolean) => void} act
 */
function switchedSection(title, label, isShown, act) {
  const box = newCheck(label, isShown, act);
  const head = made("div", { class: "head" }, made("h2", {}, title), box);
  const input = /** @type {HTMLInputElement} */ (box.querySelector("input"));
  return { section: made("section", { class: "control" }, head), input };
}

/**
 * @param {import("./types.js").CaseView} view
 * @param {import("./layers.js").SceneVolumes} scene
 * @returns {import("./controls.js").ControlPanel}
 */
export function isodosePanel(view, scene) {
  const { section, input } = switchedSection(TEXTS.isodoses, TEXTS.isodosesShow, true, (lines) => view.set({ lines }));
  const list = made("ul", { class: "list" });
  section.append(list, newLineForm(view, scene));
  let listed = "";
  const update = () => {
    const { levels, lines } = view.state;
    input.checked = lines;
    const now = levels.map((level) => `${level.key} ${level.shown}`).join();
    if (now !== listed) list.replaceChildren(...levels.map((level) => lineEntry(view, level)));
    listed = now;
  };
  return { section, update };
}

/**
 * @param {import("./types.js").CaseView} view
 * @param {import("./types.js").IsodoseLevel} level
 */
function lineEntry(view, level) {
  // The list is not made again for a box that was just changed: it keeps the focus.
  const check = newCheck(level.label, level.shown, (shown) => setLevel(view, level.key, shown), [newSwatch(level.colour)]);
  const remove = () => view.set({ levels: view.state.levels.filter((one) => one.key !== level.key) });
  const button = level.added ? newButton("×", TEXTS.removeLevel(level.label), remove) : null;
  if (button) button.setAttribute("aria-label", TEXTS.removeLevel(level.label));
  return made("li", { class: "line" }, check, button);
}

/**
 * @param {import("./types.js").CaseView} view
 * @param {string} key
 * @param {boolean} shown
 */
function setLevel(view, key, shown) {
  view.set({ levels: view.state.levels.map((one) => (one.key === key ? { ...one, shown } : one)) });
}

/**
 * @param {import("./types.js").CaseView} view
 * @param {import("./layers.js").SceneVolumes} scene
 */
function newLineForm(view, scene) {
  const sources = scene.courses.filter((course) => scene.doses.has(`dose-${course}`));
  const options = sources.map((course) => made("option", { value: `dose-${course}` }, courseText(course, scene.reference)));
  if (scene.hasSum) options.push(made("option", { value: "sum" }, `${TEXTS.eqd2Sum} (${ratioText(scene)})`));
  const select = made("select", { "aria-label": TEXTS.levelOf }, ...options);
  const number = newNumber("Gy", 10, () => undefined);
  const gy = /** @type {HTMLInputElement} */ (number.querySelector("input"));
  gy.setAttribute("aria-label", TEXTS.levelGy);
  gy.min = "0.1";
  const form = made("form", { class: "row" }, select, number, made("button", { type: "submit", title: TEXTS.addLevelTitle }, TEXTS.addLevel));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = Number(gy.value);
    const { levels } = view.state;
    const added = addedLevel(select.value, value, levels, scene);
    if (value > 0 && !levels.some((level) => level.key === added.key)) view.set({ levels: [...levels, added], lines: true });
  });
  form.hidden = options.length === 0;
  return form;
}

/**
 * @param {import("./types.js").CaseView} view
 * @returns {import("./controls.js").ControlPanel}
 */
export function overlapPanel(view) {
  const { section, input } = switchedSection(TEXTS.overlap, TEXTS.overlapShow, true, (hatch) => view.set({ hatch }));
  const list = made("ul", { class: "list" });
  const { overlaps } = view.state;
  if (overlaps.length === 0) section.append(made("p", { class: "note" }, TEXTS.overlapNone));
  for (const choice of overlaps) {
    const mark = made("span", { class: `hatch ${choice.level === "50%" ? "half" : "low"}`, "aria-hidden": "true" });
    const toggle = (/** @type {boolean} */ shown) =>
      view.set({ overlaps: view.state.overlaps.map((one) => (one.key === choice.key ? { ...one, shown } : one)) });
    const amount = made("span", { class: "amount" }, choice.amount);
    list.append(made("li", { class: "hatched", title: choice.detail }, newCheck(choice.label, choice.shown, toggle, [mark]), amount));
  }
  const note = made("p", { class: "note" }, TEXTS.overlapAsAssessed);
  section.append(list, note);
  const update = () => {
    input.checked = view.state.hatch;
    note.hidden = view.state.adjustment === null || overlaps.length === 0;
  };
  return { section, update };
}

/**
 * @param {import("./types.js").CaseView} view
 * @param {import("./outlines.js").Outlines} outlines
 * @returns {import("./controls.js").ControlPanel}
 */
export function structurePanel(view, outlines) {
  const { section, input } = switchedSection(TEXTS.structures, TEXTS.structuresShow, true, (shown) => view.set({ outlines: shown }));
  if (outlines.all.length === 0) {
    section.append(made("p", { class: "note" }, TEXTS.structuresEmpty));
    return { section, update: () => undefined };
  }
  const keys = outlines.all.map((outline) => outline.key);
  const list = made("ul", { class: "list" });
  const boxes = outlines.all.map((outline) => {
    const { entry, key } = outline;
    const toggle = (/** @type {boolean} */ shown) => view.set({ hidden: withOrWithout(view.state.hidden, key, !shown) });
    const check = newCheck(entry.label, true, toggle, [newSwatch(entry.colour)]);
    const origin = entry.carried_over ? `C${entry.course}, ${TEXTS.carriedOver}` : `C${entry.course}`;
    const amount = made("span", { class: "amount" }, fixedText(entry.volume_cc, 1));
    list.append(made("li", { title: `${entry.label}, ${origin}` }, check, made("span", { class: "course" }, `C${entry.course}`), amount));
    return /** @type {HTMLInputElement} */ (check.querySelector("input"));
  });
  const group = made("div", { class: "group", role: "group", "aria-label": TEXTS.structures },
    newButton(TEXTS.structuresAll, TEXTS.structuresAll, () => view.set({ hidden: [] })),
    newButton(TEXTS.structuresNone, TEXTS.structuresNone, () => view.set({ hidden: keys })),
    made("span", { class: "unit" }, TEXTS.structuresCc),
  );
  section.append(group, list);
  const update = () => {
    input.checked = view.state.outlines;
    boxes.forEach((box, at) => (box.checked = !view.state.hidden.includes(keys[at])));
  };
  return { section, update };
}

/**
 * @param {string[]} all
 * @param {string} one
 * @param {boolean} isIn
 */
function withOrWithout(all, one, isIn) {
  const others = all.filter((other) => other !== one);
  return isIn ? [...others, one] : others;
}
