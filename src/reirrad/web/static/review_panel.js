import { answered } from "./api.js";
import { confirmed } from "./dialogs.js";
import { allow, deskPanel, labelled, moment, problemList, tagged } from "./elements.js";
import { Refused, Unreachable } from "./http.js";
import { rightsOf } from "./rights.js";
import { WORDS } from "./texts_server.js";

const REVIEW_TEXT = WORDS.review;

/**
 * Judge the registration, then approve the assessment.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @returns {HTMLElement & {review?: () => void}}
 */
export function reviewPanel(desk) {
  const name = tagged("input", { name: "name", value: desk.person.name ?? "", autocomplete: "name", maxlength: "120" });
  name.readOnly = desk.person.sign_in_required;
  const comment = tagged("textarea", { rows: "2", name: "comment", maxlength: "2000" });
  comment.placeholder = REVIEW_TEXT.commentHint;
  const lines = tagged("ul", { class: "review-lines" });
  const outcome = tagged("div", { role: "status" });
  const whyNot = tagged("p", { class: "hint" });

  const sign = async (/** @type {string} */ what, /** @type {Record<string, string>} */ decision) => {
    if (name.value.trim() === "") {
      outcome.replaceChildren(problemList([REVIEW_TEXT.nameMissing]));
      name.focus();
      return;
    }
    const signature = { ...decision, name: name.value.trim(), comment: comment.value.trim() };
    try {
      await answered("POST", `/api/cases/${desk.caseId}/versions/${desk.version.number}/${what}`, signature);
      comment.value = "";
      await desk.refresh();
      outcome.replaceChildren(tagged("p", { class: "done" }, REVIEW_TEXT.done));
    } catch (fault) {
      if (!(fault instanceof Refused || fault instanceof Unreachable)) {
        throw fault;
      }
      outcome.replaceChildren(problemList(fault.problems));
    }
  };
  const judge = (/** @type {string} */ verdict) => () => sign("registration-review", { verdict });
  const accept = tagged("button", { type: "button", class: "good", click: judge("accepted") }, REVIEW_TEXT.accept);
  const reject = tagged("button", { type: "button", class: "danger", click: judge("rejected") }, REVIEW_TEXT.reject);
  const approve = tagged("button", { type: "button", class: "primary" }, REVIEW_TEXT.approve);
  approve.addEventListener("click", async () => {
    if (await confirmed(REVIEW_TEXT.approveTitle, REVIEW_TEXT.approveText, REVIEW_TEXT.approve, "primary")) {
      await sign("approval", {});
    }
  });
  const trail = trailView(desk);
  const draw = () => {
    const { review } = desk.page;
    lines.replaceChildren(...review.lines.map((line) => tagged("li", {}, line)));
    const mayReview = rightsOf(desk.person).work && review.assessment !== "superseded";
    accept.disabled = !mayReview || review.registration === "accepted";
    reject.disabled = !mayReview || review.registration === "rejected";
    allow(approve, whyNot, reasonAgainstApproval(desk));
    trail.read();
  };
  const section = deskPanel(
    "review",
    REVIEW_TEXT.title,
    lines,
    labelled(REVIEW_TEXT.name, name),
    labelled(REVIEW_TEXT.comment, comment),
    tagged("div", { class: "buttons" }, accept, reject),
    tagged("div", { class: "buttons" }, approve),
    whyNot,
    outcome,
    trail.element,
  );
  draw();
  return Object.assign(section, { review: draw });
}

/**
 * @param {import("./desk_types.js").Desk} desk
 * @returns {string | null}
 */
function reasonAgainstApproval(desk) {
  const { review } = desk.page;
  const rights = rightsOf(desk.person);
  if (review.assessment === "superseded") {
    return REVIEW_TEXT.superseded(desk.version.review.superseded_by);
  }
  if (!rights.work) {
    return REVIEW_TEXT.mayNotReview;
  }
  if (review.assessment === "approved") {
    return REVIEW_TEXT.approved;
  }
  if (!rights.approve) {
    return REVIEW_TEXT.mayNotApprove;
  }
  return review.registration === "accepted" ? null : REVIEW_TEXT.needsAcceptance;
}

/**
 * The audit trail of the case, read when it is opened.
 *
 * @param {import("./desk_types.js").Desk} desk
 */
function trailView(desk) {
  const place = tagged("div", { class: "scrolled", role: "region", "aria-label": REVIEW_TEXT.trail, tabindex: "0" });
  const element = tagged("details", { class: "trail" }, tagged("summary", {}, REVIEW_TEXT.trail), place);
  const read = async () => {
    if (!element.open) {
      return;
    }
    try {
      const { events } = await answered("GET", `/api/cases/${desk.caseId}/trail`);
      place.replaceChildren(trailTable(events));
    } catch (fault) {
      if (!(fault instanceof Refused || fault instanceof Unreachable)) {
        throw fault;
      }
      place.replaceChildren(problemList(fault.problems));
    }
  };
  element.addEventListener("toggle", read);
  return { element, read };
}

/**
 * @param {{at: string, who: string, version: number | null, action: string, detail: Record<string, unknown>}[]} events
 * @returns {HTMLElement}
 */
function trailTable(events) {
  if (events.length === 0) {
    return tagged("p", { class: "hint" }, REVIEW_TEXT.noTrail);
  }
  const rows = [...events].reverse().map((event) =>
    tagged(
      "tr",
      {},
      tagged("td", {}, tagged("time", { datetime: event.at }, moment(event.at))),
      tagged("td", {}, event.who),
      tagged("td", {}, WORDS.trail.inVersion(event.action, event.version), detailWords(event.detail)),
    ),
  );
  return tagged(
    "table",
    { class: "trail-table" },
    tagged("caption", { class: "unseen" }, REVIEW_TEXT.trailCaption),
    tagged("thead", {}, tagged("tr", {}, ...[REVIEW_TEXT.when, REVIEW_TEXT.who, REVIEW_TEXT.what].map((head) => tagged("th", { scope: "col" }, head)))),
    tagged("tbody", {}, ...rows),
  );
}

/**
 * @param {Record<string, unknown>} detail
 * @returns {HTMLElement | null}
 */
function detailWords(detail) {
  const words = Object.values(detail)
    .flat()
    .filter((value) => typeof value === "string" && value !== "");
  return words.length === 0 ? null : tagged("span", { class: "hint" }, ` ${words.join("; ")}`);
}
