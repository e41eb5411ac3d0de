/** Elements of the page, made from script: text is always text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {string | Node | null} Content   null is left out
 * @typedef {Record<string, string | number | boolean | null | ((event: any) => void)>} Attributes
 *   null and false leave one out, true sets it empty; a function listens to the event of
 *   its name
 */

/**
 * An HTML element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...Content} contents
 * @returns {HTMLElementTagNameMap[K]}
 */
export function made(tag, attributes = {}, ...contents) {
  const element = document.createElement(tag);
  fill(element, attributes, contents);
  return element;
}

/**
 * An SVG element.
 *
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...Content} contents
 * @returns {SVGElementTagNameMap[K]}
 */
export function madeSvg(tag, attributes = {}, ...contents) {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, contents);
  return element;
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 * @param {Content[]} contents
 */
function fill(element, attributes, contents) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...present(contents));
}

/**
 * Those that are there.
 *
 * @template Item
 * @param {(Item | null)[]} items
 * @returns {Item[]}
 */
export function present(items) {
  return /** @type {Item[]} */ (items.filter((item) => item !== null));
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function newButton(text, title, act) {
  const button = made("button", { type: "button", title }, text);
  button.addEventListener("click", act);
  return button;
}

/**
 * A labelled slider.
 *
 * @param {string} label
 * @param {{min: number, max: number, step: number, value: number}} range
 * @param {(value: number) => void} act
 */
export function newSlider(label, range, act) {
  const input = made("input", { type: "range", min: `${range.min}`, max: `${range.max}`, step: `${range.step}` });
  input.value = `${range.value}`;
  input.addEventListener("input", () => act(Number(input.value)));
  return made("label", { class: "slider" }, made("span", {}, label), input);
}

/**
 * A labelled number; what is not a number changes nothing.
 *
 * @param {string} label
 * @param {number} value
 * @param {(value: number) => void} act
 */
export function newNumber(label, value, act) {
  const input = made("input", { type: "number", step: "any" });
  input.value = `${Number(value.toFixed(2))}`;
  input.addEventListener("change", () => {
    if (input.value.trim() !== "" && Number.isFinite(Number(input.value))) act(Number(input.value));
  });
  return made("label", { class: "number" }, made("span", {}, label), input);
}

/**
 * A labelled check box with what stands between box and label.
 *
 * @param {string} label
 * @param {boolean} isChecked
 * @param {(isChecked: boolean) => void} act
 * @param {(Node | null)[]} marks
 */
export function newCheck(label, isChecked, act, marks = []) {
  const input = made("input", { type: "checkbox" });
  input.checked = isChecked;
  input.addEventListener("change", () => act(input.checked));
  return made("label", { class: "check" }, input, ...marks, made("span", { class: "name" }, label));
}

/** @param {string} colour */
export function newSwatch(colour) {
  const swatch = made("span", { class: "swatch", "aria-hidden": "true" });
  swatch.style.background = colour;
  return swatch;
}

/**
 * A canvas that is drawn on but not shown.
 *
 * @param {number} width
 * @param {number} height
 * @param {boolean} isRead its pixels are asked or given, not only drawn
 */
export function hiddenCanvas(width, height, isRead) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: isRead }));
  return { canvas, context };
}
