/** The case of a report: everything stands in the page itself. */

import { showCase } from "./case.js";
import { made } from "./nodes.js";
import { ANSWER_TEXTS } from "./texts_answers.js";

/**
 * Show the case that is embedded in this page, above its record.
 *
 * @param {HTMLElement} root where the pictures and answers go; hidden until now
 */
export async function showEmbedded(root) {
  root.hidden = false;
  try {
    await showCase(root, embeddedSource());
    root.querySelector(".bar-badges")?.prepend(made("a", { href: "#record" }, ANSWER_TEXTS.toRecord));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    root.replaceChildren(made("p", { role: "alert", class: "not-opened" }, ANSWER_TEXTS.notOpened(reason)));
    throw error;
  }
}

/** @returns {import("./types.js").CaseSource} */
function embeddedSource() {
  return {
    manifest: JSON.parse(embeddedText("#scene-manifest", "manifest")),
    page: JSON.parse(embeddedText("#case-page", "page")),
    part: async (name) => bytesOf(embeddedText(`[data-part="${CSS.escape(name)}"]`, name)),
    reading: null,
  };
}

/**
 * @param {string} selector
 * @param {string} name
 */
function embeddedText(selector, name) {
  const text = document.querySelector(`script${selector}`)?.textContent;
  if (!text) throw new Error(ANSWER_TEXTS.missing(name));
  return text;
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
