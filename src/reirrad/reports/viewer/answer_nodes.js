/** Elements from values: text is always text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {string | Node | null} Content
 * @typedef {Record<string, string | number | boolean | null>} Attributes
 */

/**
 * An HTML element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes] null and false leave one out, true sets it empty
 * @param {Content[]} [contents]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function made(tag, attributes = {}, contents = []) {
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
 * @param {Content[]} [contents]
 * @returns {SVGElementTagNameMap[K]}
 */
export function madeSvg(tag, attributes = {}, contents = []) {
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
    if (value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const content of contents) {
    if (content !== null) element.append(content);
  }
}

/**
 * A word with its tone.
 *
 * @param {keyof HTMLElementTagNameMap} tag
 * @param {string} text
 * @param {string} [tone]
 * @param {string} [name] another class
 * @returns {HTMLElement}
 */
export function word(tag, text, tone = "plain", name = "") {
  const names = [name, tone === "plain" ? "" : `tone-${tone}`].filter(Boolean).join(" ");
  return made(tag, { class: names || null }, [text]);
}

/**
 * A part of the answers with its heading.
 *
 * @param {string} title
 * @param {string} name
 * @param {Content[]} contents
 * @returns {HTMLElement}
 */
export function panel(title, name, contents) {
  const id = `answer-${name}`;
  return made("section", { class: `answer ${name}`, "aria-labelledby": id }, [
    made("h2", { id }, [title]),
    ...contents,
  ]);
}
