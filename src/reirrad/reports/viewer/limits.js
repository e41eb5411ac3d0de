/** The limits, the worst first; each leads to the place that decides. */

import { panel, word } from "./answer_nodes.js";
import { made } from "./nodes.js";
import { ANSWER_TEXTS } from "./texts_answers.js";

/**
 * @typedef {import("./answer_types.js").LimitWords} LimitWords
 * @typedef {import("./types.js").CaseView} CaseView
 */

/**
 * @param {import("./answer_types.js").AnswerPage} page
 * @param {CaseView} view
 * @param {(structure: string, quantity: string) => void} chooseCurve
 * @returns {HTMLElement}
 */
export function limitsPanel(page, view, chooseCurve) {
  if (!page.limits.length) return panel(ANSWER_TEXTS.limits, "limits", [word("p", ANSWER_TEXTS.noLimits, "muted")]);
  const entries = page.limits.map((limit) => limitEntry(limit, placeOf(limit, view)));
  const worst = worstOfEach(page.limits);
  const table = made("table", {},
    made("caption", { class: "unseen" }, ANSWER_TEXTS.limitsCaption),
    limitsHead(),
    ...entries.map((entry) => entry.body),
  );
  /** @param {boolean} all */
  const show = (all) => entries.forEach((entry, place) => (entry.body.hidden = !all && !worst.has(page.limits[place])));
  show(false);
  entries.forEach((entry, place) =>
    entry.body.addEventListener("click", () => {
      entries.forEach((other) => selectEntry(other, other === entry));
      const limit = page.limits[place];
      const point = placeOf(limit, view);
      if (limit.about) chooseCurve(limit.about, limit.quantity);
      if (point) view.moveTo(point);
    }),
  );
  return panel(ANSWER_TEXTS.limits, "limits", [
    switches(page.limits.length, show),
    made("div", { class: "limits-table", tabindex: 0, role: "region", "aria-label": ANSWER_TEXTS.limitsTable }, table),
    notDrawnNote(page.limits),
  ]);
}

/**
 * The hottest point of what a limit is about.
 *
 * @param {LimitWords} limit
 * @param {CaseView} view
 */
function placeOf(limit, view) {
  const found = view.manifest.places.find((place) => place.structure === limit.about && place.scope === limit.scope);
  return found ? found.point_mm : null;
}

/**
 * The first limit of every drawn structure, and whatever is exceeded, not sure, or not
 * tested though its structure is drawn, because others have its name.
 *
 * @param {LimitWords[]} limits
 */
export function worstOfEach(limits) {
  const seen = new Set();
  return new Set(
    limits.filter((limit) => {
      const first = limit.about !== null && !seen.has(limit.about);
      seen.add(limit.about);
      return first || limit.state === "exceeded" || limit.unsure || limit.drawn_as.length > 1;
    }),
  );
}

function limitsHead() {
  const titles = [ANSWER_TEXTS.structure, ANSWER_TEXTS.valueAndLimit, ANSWER_TEXTS.verdict];
  const cells = titles.map((title, place) => made("th", { scope: "col", class: place ? "right" : null }, title));
  return made("thead", {}, made("tr", {}, ...cells));
}

/**
 * @param {LimitWords} limit
 * @param {import("./types.js").Point | null} point
 */
function limitEntry(limit, point) {
  const title = point ? ANSWER_TEXTS.toPlace(limit.about ?? limit.structure, limit.scope) : ANSWER_TEXTS.noPlace;
  const button = made("button", { type: "button", title, class: "limit-name" }, limit.structure);
  const contours = limit.interval ? ANSWER_TEXTS.contours(limit.interval) : "";
  const more = made("p", { class: "limit-source", hidden: true }, [contours, limit.source, limit.note].filter(Boolean).join(". "));
  const body = made("tbody", { class: `limit state-${limit.state.replace(" ", "-")}`, title },
    made("tr", {},
      made("th", { scope: "row" }, button),
      made("td", { class: "right" }, word("span", limit.value, limit.value_tone), word("span", ` ${limit.limit}`, "muted")),
      word("td", limit.verdict, limit.tone, "right"),
    ),
    made("tr", { class: "limit-more" },
      made("td", { colspan: 3 },
        word("p", limit.metric),
        limit.drawn_as.length > 1 ? word("p", limit.why, "warn") : null,
        limit.sure ? word("p", limit.sure, limit.unsure ? "warn" : "muted") : null,
        word("p", ANSWER_TEXTS.provenance(limit.set, limit.level, limit.verification), "muted"),
        more,
      ),
    ),
  );
  return { body, button, more };
}

/**
 * @param {{body: HTMLElement, button: HTMLElement, more: HTMLElement}} entry
 * @param {boolean} selected
 */
function selectEntry(entry, selected) {
  entry.body.classList.toggle("selected", selected);
  entry.more.hidden = !selected;
  if (selected) entry.button.setAttribute("aria-current", "true");
  else entry.button.removeAttribute("aria-current");
}

/**
 * @param {number} count
 * @param {(all: boolean) => void} show
 */
function switches(count, show) {
  const buttons = [ANSWER_TEXTS.worst, ANSWER_TEXTS.all(count)].map((text, place) =>
    made("button", { type: "button", "aria-pressed": String(place === 0) }, text),
  );
  buttons.forEach((button, place) =>
    button.addEventListener("click", () => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      show(place === 1);
    }),
  );
  return made("div", { class: "choice", role: "group", "aria-label": ANSWER_TEXTS.limits }, ...buttons);
}

/** @param {LimitWords[]} limits */
export function notDrawnNote(limits) {
  const missing = limits.filter((limit) => limit.drawn_as.length === 0);
  const names = [...new Set(missing.map((limit) => limit.structure))];
  if (!names.length) return null;
  return made("details", { class: "not-drawn" },
    made("summary", {}, ANSWER_TEXTS.notDrawn(missing.length, names.length)),
    made("p", { class: "tone-muted" }, names.join(", ")),
  );
}
