/** The case of a report: everything stands in the page itself. */

import { made } from "./answer_nodes.js";
import { showCase } from "./case.js";
import { ANSWER_TEXTS } from "./texts_answers.js";

/**
 * Show the case that is embedded in this page, above its record.
 *
 * @param {HTMLElement} root where the pictures and answers go; hidden until now
 */
export async function showEmbedded(root) {
  root.hidden = false;
  try {
    const view = await showCase(root, embeddedSource());
    const notes = [made("a", { href: "#record" }, [`↓ ${ANSWER_TEXTS.toRecord}`])];
    if (view.manifest.display_only) notes.unshift(made("span", {}, [ANSWER_TEXTS.lossy]));
    root.querySelector(".bar-courses")?.append(made("span", { class: "bar-notes" }, notes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    root.replaceChildren(made("p", { role: "alert", class: "not-opened" }, [ANSWER_TEXTS.notOpened(reason)]));
    throw error;
  }
}

/** @returns {import("./types.js").CaseSource} */
function embeddedSource() {
  return {
    manifest: JSON.parse(embeddedText("#scene-manifest")),
    page: JSON.parse(embeddedText("#case-page")),
    part: async (name) => bytesOf(embeddedText(`[data-part="${CSS.escape(name)}"]`)),
    reading: null,
  };
}

/** @param {string} selector */
function embeddedText(selector) {
  const text = document.querySelector(`script${selector}`)?.textContent;
  if (!text) throw new Error(`${selector} is missing in this file`);
  return text;
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
