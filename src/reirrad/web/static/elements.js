import { made } from "./viewer/nodes.js";

/**
 * The element of the page with this id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`no element ${id}`);
  }
  return found;
}

/**
 * A button that may be disabled for a reason, which is then written beside it.
 *
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} reasonPlace
 * @param {string | null} reason Null enables the button.
 */
export function allow(button, reasonPlace, reason) {
  button.disabled = reason !== null;
  reasonPlace.textContent = reason ?? "";
  reasonPlace.hidden = reason === null;
}

/**
 * A labelled input.
 *
 * @param {string} label
 * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} input
 * @returns {HTMLLabelElement}
 */
export function labelled(label, input) {
  return made("label", { class: "field" }, made("span", {}, label), input);
}

/**
 * Sentences of the server, or of the page, that need somebody to act.
 *
 * @param {readonly string[]} sentences
 * @returns {HTMLElement}
 */
export function problemList(sentences) {
  const items = sentences.map((sentence) => made("li", {}, sentence));
  return made("div", { class: "problems", role: "alert" }, made("ul", {}, ...items));
}

/**
 * A section of the desk that opens and closes.
 *
 * @param {string} name
 * @param {string} title
 * @param {...(Node | null)} content
 * @returns {HTMLDetailsElement}
 */
export function deskPanel(name, title, ...content) {
  return made(
    "details",
    { class: "panel", "data-panel": name },
    made("summary", {}, made("h2", {}, title)),
    made("div", { class: "panel-body" }, ...content),
  );
}

/**
 * A moment as the reader's own clock shows it.
 *
 * @param {string} iso
 * @returns {string}
 */
export function moment(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) {
    return iso;
  }
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
