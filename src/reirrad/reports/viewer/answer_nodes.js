/** Words and parts of the answers. */

import { made } from "./nodes.js";

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
  return made(tag, { class: names || null }, text);
}

/**
 * A part of the answers with its heading.
 *
 * @param {string} title
 * @param {string} name
 * @param {import("./nodes.js").Content[]} contents
 * @returns {HTMLElement}
 */
export function panel(title, name, contents) {
  const id = `answer-${name}`;
  return made("section", { class: `answer ${name}`, "aria-labelledby": id },
    made("h2", { id }, title),
    ...contents,
  );
}
