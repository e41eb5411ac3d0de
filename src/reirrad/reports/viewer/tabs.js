/** Tabs with the keys that people know: arrows, Home and End. */

import { panel } from "./answer_nodes.js";
import { blockNode } from "./blocks.js";
import { made } from "./nodes.js";
import { ANSWER_TEXTS } from "./texts_answers.js";

/**
 * The record, one section at a time.
 *
 * @param {import("./answer_types.js").PageSection[]} sections
 * @param {HTMLElement} answers the column, which can be made wide
 * @returns {HTMLElement}
 */
export function recordPanel(sections, answers) {
  const pairs = sections.map((section) => sectionTab(section));
  const tabs = pairs.map((pair) => pair.tab);
  const list = made("div", { role: "tablist", "aria-label": ANSWER_TEXTS.recordTabs }, ...tabs);
  const root = panel(ANSWER_TEXTS.record, "record-tabs", [wideButton(answers), list, ...pairs.map((pair) => pair.page)]);
  /** @param {number} chosen @param {boolean} focused */
  const choose = (chosen, focused) => {
    pairs.forEach((pair, place) => showTab(pair, place === chosen));
    if (focused) tabs[chosen].focus();
  };
  tabs.forEach((tab, place) => tab.addEventListener("click", () => choose(place, false)));
  list.addEventListener("keydown", (event) => {
    const next = nextTab(event.key, tabs.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)), tabs.length);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    choose(next, true);
  });
  if (pairs.length) choose(0, false);
  return root;
}

/** @param {import("./answer_types.js").PageSection} section */
function sectionTab(section) {
  const id = `tab-${section.anchor}`;
  const tab = made("button", { type: "button", role: "tab", id, "aria-controls": `${id}-page` }, section.title);
  const page = made(
    "div",
    { role: "tabpanel", id: `${id}-page`, "aria-labelledby": id, tabindex: 0, class: "tab-page" },
    made("h3", {}, section.title), ...section.blocks.map((block, place) => blockNode(block, ANSWER_TEXTS.tableName(section.title, place + 1))),
  );
  return { tab, page };
}

/**
 * @param {{tab: HTMLElement, page: HTMLElement}} pair
 * @param {boolean} shown
 */
function showTab(pair, shown) {
  pair.tab.setAttribute("aria-selected", String(shown));
  pair.tab.tabIndex = shown ? 0 : -1;
  pair.page.hidden = !shown;
}

/**
 * @param {string} key
 * @param {number} place
 * @param {number} count
 * @returns {number | null}
 */
function nextTab(key, place, count) {
  if (key === "ArrowRight" || key === "ArrowDown") return (place + 1) % count;
  if (key === "ArrowLeft" || key === "ArrowUp") return (place - 1 + count) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}

/** @param {HTMLElement} answers */
function wideButton(answers) {
  const button = made("button", { type: "button", class: "wide-switch", "aria-pressed": "false" }, ANSWER_TEXTS.wide);
  button.addEventListener("click", () => {
    const wide = answers.classList.toggle("wide");
    button.setAttribute("aria-pressed", String(wide));
    const above = button.getBoundingClientRect().top - answers.getBoundingClientRect().top;
    answers.scrollTop += above;
  });
  return button;
}
