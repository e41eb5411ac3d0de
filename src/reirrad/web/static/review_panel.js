import { answered } from "./api.js";
import { confirmed } from "./dialogs.js";
import { allow, labelled, made, moment, panel, problemList } from "./elements.js";
import { Refused, Unreachable } from "./http.js";
import { rightsOf } from "./rights.js";
import { WORDS } from "./texts_server.js";

const TEXT = WORDS.review;

/**
 * Judge the registration, then approve the assessment.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @returns {HTMLElement & {review?: () => void}}
 */
export function reviewPanel(desk) {
  const name = made("input", { name: "name", value: desk.person.name ?? "", autocomplete: "name", maxlength: "120" });
  name.readOnly = desk.person.sign_in_required;
  const comment = made("textarea", { rows: "2", name: "comment", maxlength: "2000" });
  comment.placeholder = TEXT.commentHint;
  const lines = made("ul", { class: "review-lines" });
  const outcome = made("div", { role: "status" });
  const whyNot = made("p", { class: "hint" });

  const sign = async (/** @type {string} */ what, /** @type {Record<string, string>} */ decision) => {
    if (name.value.trim() === "") {
      outcome.replaceChildren(problemList([TEXT.nameMissing]));
      name.focus();
      return;
    }
    const signature = { ...decision, name: name.value.trim(), comment: comment.value.trim() };
    try {
      await answered("POST", `/api/cases/${desk.caseId}/versions/${desk.version.number}/${what}`, signature);
      comment.value = "";
      await desk.refresh();
      outcome.replaceChildren(made("p", { class: "done" }, TEXT.done));
    } catch (fault) {
      if (!(fault instanceof Refused || fault instanceof Unreachable)) {
        throw fault;
      }
      outcome.replaceChildren(problemList(fault.problems));
    }
  };
  const judge = (/** @type {string} */ verdict) => () => sign("registration-review", { verdict });
  const accept = made("button", { type: "button", class: "good", click: judge("accepted") }, TEXT.accept);
  const reject = made("button", { type: "button", class: "danger", click: judge("rejected") }, TEXT.reject);
  const approve = made("button", { type: "button", class: "primary" }, TEXT.approve);
  approve.addEventListener("click", async () => {
    if (await confirmed(TEXT.approveTitle, TEXT.approveText, TEXT.approve, "primary")) {
      await sign("approval", {});
    }
  });
  const trail = trailView(desk);
  const draw = () => {
    const { review } = desk.page;
    lines.replaceChildren(...review.lines.map((line) => made("li", {}, line)));
    const mayReview = rightsOf(desk.person).work && review.assessment !== "superseded";
    accept.disabled = !mayReview || review.registration === "accepted";
    reject.disabled = !mayReview || review.registration === "rejected";
    allow(approve, whyNot, reasonAgainstApproval(desk));
    trail.read();
  };
  const section = panel(
    "review",
    TEXT.title,
    lines,
    labelled(TEXT.name, name),
    labelled(TEXT.comment, comment),
    made("div", { class: "buttons" }, accept, reject),
    made("div", { class: "buttons" }, approve),
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
    return TEXT.superseded(desk.version.review.superseded_by);
  }
  if (!rights.work) {
    return TEXT.mayNotReview;
  }
  if (review.assessment === "approved") {
    return TEXT.approved;
  }
  if (!rights.approve) {
    return TEXT.mayNotApprove;
  }
  return review.registration === "accepted" ? null : TEXT.needsAcceptance;
}

/**
 * The audit trail of the case, read when it is opened.
 *
 * @param {import("./desk_types.js").Desk} desk
 */
function trailView(desk) {
  const place = made("div", { class: "scrolled", role: "region", "aria-label": TEXT.trail, tabindex: "0" });
  const element = made("details", { class: "trail" }, made("summary", {}, TEXT.trail), place);
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
    return made("p", { class: "hint" }, TEXT.noTrail);
  }
  const rows = [...events].reverse().map((event) =>
    made(
      "tr",
      {},
      made("td", {}, made("time", { datetime: event.at }, moment(event.at))),
      made("td", {}, event.who),
      made("td", {}, WORDS.trail.inVersion(event.action, event.version), detailWords(event.detail)),
    ),
  );
  return made(
    "table",
    { class: "trail-table" },
    made("caption", { class: "unseen" }, TEXT.trailCaption),
    made("thead", {}, made("tr", {}, ...[TEXT.when, TEXT.who, TEXT.what].map((head) => made("th", { scope: "col" }, head)))),
    made("tbody", {}, ...rows),
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
  return words.length === 0 ? null : made("span", { class: "hint" }, ` ${words.join("; ")}`);
}
