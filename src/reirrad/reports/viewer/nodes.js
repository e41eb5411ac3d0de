/** Elements of the page, made from script. */

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes] "text" is the element's text
 * @param {(Node | null)[]} [children]
 * @returns {HTMLElement}
 */
export function newNode(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") made.textContent = value;
    else made.setAttribute(name, value);
  }
  made.append(.../** @type {Node[]} */ (children.filter((child) => child !== null)));
  return made;
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function newButton(text, title, act) {
  const button = /** @type {HTMLButtonElement} */ (newNode("button", { type: "button", text, title }));
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
  const input = /** @type {HTMLInputElement} */ (
    newNode("input", { type: "range", min: `${range.min}`, max: `${range.max}`, step: `${range.step}` })
  );
  input.value = `${range.value}`;
  input.addEventListener("input", () => act(Number(input.value)));
  return newNode("label", { class: "slider" }, [newNode("span", { text: label }), input]);
}

/**
 * A labelled number; what is not a number changes nothing.
 *
 * @param {string} label
 * @param {number} value
 * @param {(value: number) => void} act
 */
export function newNumber(label, value, act) {
  const input = /** @type {HTMLInputElement} */ (newNode("input", { type: "number", step: "any" }));
  input.value = `${Number(value.toFixed(2))}`;
  input.addEventListener("change", () => {
    if (input.value.trim() !== "" && Number.isFinite(Number(input.value))) act(Number(input.value));
  });
  return newNode("label", { class: "number" }, [newNode("span", { text: label }), input]);
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
  const input = /** @type {HTMLInputElement} */ (newNode("input", { type: "checkbox" }));
  input.checked = isChecked;
  input.addEventListener("change", () => act(input.checked));
  return newNode("label", { class: "check" }, [input, ...marks, newNode("span", { class: "name", text: label })]);
}

/** @param {string} colour */
export function newSwatch(colour) {
  const swatch = newNode("span", { class: "swatch", "aria-hidden": "true" });
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
