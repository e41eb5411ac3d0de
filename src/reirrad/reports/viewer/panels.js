/** The bar across the page and the answers beside the pictures. */

import { panel, word } from "./answer_nodes.js";
import { curvesPanel } from "./dvh.js";
import { limitsPanel } from "./limits.js";
import { made } from "./nodes.js";
import { recordPanel } from "./tabs.js";
import { ANSWER_TEXTS } from "./texts_answers.js";

/** Name of the place where the review is: the desk's panel, or the record's section. */
export const REVIEW_ANCHOR = "review";

/**
 * @typedef {import("./answer_types.js").AnswerPage} AnswerPage
 * @typedef {import("./answer_types.js").WordBadge} WordBadge
 */

/**
 * Who, which courses, whether the registration was reviewed, and the class.
 *
 * @param {HTMLElement} bar
 * @param {AnswerPage} page
 */
export function fillBar(bar, page) {
  const [name, id, ...others] = page.patient;
  const patient = made("h1", { class: "bar-patient" },
    id ? id.value : page.header,
    name ? word("span", ` ${name.value}`, "muted") : null,
  );
  patient.title = others.map((fact) => `${fact.label} ${fact.value}`).join(", ");
  const courses = page.course_line.map((course) =>
    made("span", { class: "bar-course", title: course.plan },
      word("b", course.label),
      ` ${course.text}, `,
      word("span", course.date, "muted"),
      course.interval ? word("span", `, ${ANSWER_TEXTS.intervalBetween} ${course.interval}`, "muted") : null,
    ),
  );
  const banner = page.review.banner;
  bar.replaceChildren(
    patient,
    made("div", { class: "bar-courses" }, ...courses),
    made("div", { class: "bar-badges" },
      page.registrations.length ? barBadge(ANSWER_TEXTS.registration, page.review.registration_state) : null,
      page.registrations.length && page.review.registration === "unreviewed" ? null : barBadge(ANSWER_TEXTS.assessment, page.review.assessment_state),
      classBadge(page.verdict),
    ),
    ...(banner === null ? [] : [bannerNode(`⚠ ${banner}`, page.review.tone)]),
  );
}

/**
 * The banner leads to where the review is, if the page has such a place.
 *
 * @param {string} text
 * @param {string} tone
 */
function bannerNode(text, tone) {
  const place = document.getElementById(REVIEW_ANCHOR);
  if (!place) return word("p", text, tone, "bar-banner");
  const link = made("a", { href: `#${REVIEW_ANCHOR}`, title: ANSWER_TEXTS.toReview }, text);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (place instanceof HTMLDetailsElement) place.open = true;
    place.scrollIntoView();
    const first = place.querySelector("summary") ?? place;
    if (first === place) place.tabIndex = -1;
    first.focus({ preventScroll: true });
  });
  return made("p", { class: `bar-banner tone-${tone}` }, link);
}

/**
 * @param {string} label
 * @param {import("./answer_types.js").WordCell} state
 */
function barBadge(label, state) {
  return made("span", { class: `bar-badge tone-${state.tone}` }, `${label}: ${state.text}`);
}

/** @param {WordBadge} verdict */
function classBadge(verdict) {
  return made("span", { class: `bar-class class-${verdict.tone}`, title: `${verdict.label}: ${verdict.detail}` }, verdict.word);
}

/**
 * Class, curves, limits, a place for the desk, and the record.
 *
 * @param {HTMLElement} answers
 * @param {AnswerPage} page
 * @param {import("./types.js").CaseView} view
 */
export function fillAnswers(answers, page, view) {
  const curves = curvesPanel(page, view.colours);
  answers.replaceChildren(
    classPanel(page),
    curves.root,
    limitsPanel(page, view, curves.choose),
    ...(page.registrations.length ? [registrationPanel(page)] : []),
    made("div", { class: "desk" }),
    recordPanel(page.sections, answers),
    word("p", `${page.footer} ${page.software}`, "muted", "answers-foot"),
  );
  answers.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !answers.classList.contains("wide")) return;
    answers.querySelector(".wide-switch")?.dispatchEvent(new MouseEvent("click"));
  });
}

/** @param {AnswerPage} page */
function classPanel(page) {
  return panel(ANSWER_TEXTS.classification, "class", [
    made("div", { class: `class-word class-${page.verdict.tone}` },
      made("strong", {}, page.verdict.word),
      word("span", page.verdict.label, "plain", "class-label"),
    ),
    word("p", page.verdict.detail),
    ...pairNodes(page.pairs),
    ...page.badges.map((badge) => badgeNode(badge)),
    page.remaining ? remainingNode(page.remaining) : null,
    warningsNode(page.warnings),
  ]);
}

/** @param {WordBadge} badge */
function badgeNode(badge) {
  return made("p", { class: "badge" },
    word("span", `${badge.label}: `, "muted"),
    word("span", badge.word, badge.tone),
    badge.detail ? word("span", ` ${badge.detail}`, "muted") : null,
  );
}

/** @param {WordBadge} remaining */
function remainingNode(remaining) {
  return made("details", { class: "remaining" },
    made("summary", {}, word("span", `${remaining.label}: `, "muted"), word("span", remaining.word, remaining.tone)),
    word("p", remaining.detail, "muted"),
  );
}

/**
 * What the program found of the registrations. Whether people accept them is another
 * question.
 *
 * @param {AnswerPage} page
 */
function registrationPanel(page) {
  const found = page.registrations.flatMap((item) => [
    made("h3", {}, `${item.title} (${item.method})`),
    made("p", {},
      word("span", `${ANSWER_TEXTS.programCheck}: `, "muted"),
      word("span", item.verdict, item.tone),
      ` ${item.reason}`,
    ),
    factTable(item.quality),
    item.structures.length
      ? made("details", {}, made("summary", {}, ANSWER_TEXTS.agreement(item.structures.length)), factTable(item.structures))
      : null,
  ]);
  const state = page.review.registration_state;
  return panel(ANSWER_TEXTS.registration, "registration-quality", [
    made("p", {}, word("span", `${ANSWER_TEXTS.peopleReview}: `, "muted"), word("span", state.text, state.tone)),
    ...found,
  ]);
}

/** @param {import("./answer_types.js").FactWords[]} facts */
function factTable(facts) {
  const rows = facts.map((fact) => made("tr", {}, made("th", { scope: "row" }, fact.label), made("td", {}, fact.value)));
  return made("table", { class: "quality" }, made("tbody", {}, ...rows));
}

/**
 * The pair that decides; the others folded below it.
 *
 * @param {import("./answer_types.js").PairWords[]} pairs
 */
function pairNodes(pairs) {
  const nodes = pairs.map((pair) => pairNode(pair, pairs.length > 1));
  if (nodes.length < 2) return nodes;
  const others = made("details", { class: "other-pairs" },
    made("summary", {}, ANSWER_TEXTS.otherPairs(nodes.length - 1)),
    ...nodes.slice(1),
  );
  return [nodes[0], others];
}

/**
 * @param {import("./answer_types.js").PairWords} pair
 * @param {boolean} titled one pair needs no title: the bar names its courses
 */
function pairNode(pair, titled) {
  const organ = pair.overlap[0]?.organ ?? "";
  const hasSpread = pair.overlap.some((overlap) => overlap.interval);
  const head = [ANSWER_TEXTS.overlap, hasSpread ? ANSWER_TEXTS.spread(organ) : organ, ANSWER_TEXTS.inBody];
  const rows = pair.overlap.map((overlap) =>
    made("tr", {},
      made("th", { scope: "row" }, overlap.name),
      made("td", { class: "right" },
        word("b", overlap.organ_text),
        overlap.interval ? word("span", overlap.interval, "muted", "spread") : null,
      ),
      word("td", overlap.total_text, "plain", "right"),
    ),
  );
  return made("div", { class: "pair" },
    titled ? made("h3", {}, `${pair.title}: ${pair.resbrt_type}`) : null,
    made("table", { class: "overlap" },
      made("thead", {}, made("tr", {}, ...head.map((text, place) => made("th", { scope: "col", class: place ? "right" : null }, text)))),
      made("tbody", {}, ...rows),
    ),
    pair.sure && titled ? word("p", pair.sure) : null,
    made("details", {},
      made("summary", {}, ANSWER_TEXTS.ruleTrace),
      pair.sure && !titled ? word("p", pair.sure) : null,
      made("ol", {}, ...pair.reasons.map((reason) => word("li", reason))),
      word("p", `${pair.resbrt_type} ${ANSWER_TEXTS.strict}; ${pair.as_applied_type} ${ANSWER_TEXTS.asApplied}; ${ANSWER_TEXTS.estro}: ${pair.estro_eortc}.`),
      word("p", `${ANSWER_TEXTS.rule}: ${pair.policy}.`, "muted"),
    ),
  );
}

/** @param {import("./answer_types.js").WordCell[]} warnings */
function warningsNode(warnings) {
  if (!warnings.length) return word("p", ANSWER_TEXTS.noWarnings, "muted");
  const errors = warnings.filter((item) => item.tone === "bad").length;
  const title = word("summary", ANSWER_TEXTS.warnings(errors, warnings.length - errors), errors ? "bad" : "warn");
  const list = made("ul", {}, ...warnings.map((item) => word("li", item.text, item.tone)));
  return made("details", { class: "warnings", open: errors > 0 }, title, list);
}
