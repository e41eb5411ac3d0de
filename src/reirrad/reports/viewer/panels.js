/** Stands in for the answers beside the pictures until they are made. */

/** @param {HTMLElement} bar @param {import("./types.js").CasePage} page */
export function fillBar(bar, page) {
  bar.textContent = page.title || "";
}

/**
 * @param {HTMLElement} answers
 * @param {import("./types.js").CasePage} page
 * @param {import("./types.js").CaseView} view
 */
export function fillAnswers(answers, page, view) {
  answers.hidden = !page || !view;
}
