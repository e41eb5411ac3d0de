import { answered } from "./api.js";
import { confirmed } from "./dialogs.js";
import { allow, deskPanel, labelled, moment, problemList } from "./elements.js";
import { problemsIn } from "./http.js";
import { rightsOf } from "./rights.js";
import { WORDS } from "./texts_server.js";
import { watchUnsaved } from "./unsaved.js";
import { made } from "./viewer/nodes.js";
import { REVIEW_ANCHOR } from "./viewer/panels.js";

const REVIEW_TEXT = WORDS.review;

/**
 * Judge the registration, then approve the assessment.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @returns {HTMLElement & {refresh: () => void}}
 */
export function reviewPanel(desk) {
  const name = made("input", { name: "name", value: desk.person.name ?? "", autocomplete: "name", maxlength: "120" });
  name.readOnly = desk.person.sign_in_required;
  const comment = made("textarea", { rows: "2", name: "comment", maxlength: "2000" });
  comment.placeholder = REVIEW_TEXT.commentHint;
  const lines = made("ul", { class: "review-lines" });
  const outcome = made("div", { role: "status" });
  const whyNot = made("p", { class: "hint" });
  const whyNotAccept = made("p", { class: "hint" });
  watchUnsaved(() => comment.value.trim() !== "");

  const sign = async (/** @type {string} */ what, /** @type {Record<string, unknown>} */ decision) => {
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
      outcome.replaceChildren(made("p", { class: "done" }, REVIEW_TEXT.done));
    } catch (fault) {
      outcome.replaceChildren(problemList(problemsIn(fault)));
    }
  };
  const judge = (/** @type {string} */ verdict) => () => sign("registration-review", { verdict });
  const accept = made("button", { type: "button", class: "good", click: judge("accepted") }, REVIEW_TEXT.accept);
  const reject = made("button", { type: "button", class: "danger", click: judge("rejected") }, REVIEW_TEXT.reject);
  const approve = made("button", { type: "button", class: "primary" }, REVIEW_TEXT.approve);
  approve.addEventListener("click", async () => {
    const { number } = desk.version;
    const newest = newestVersion(desk);
    const isNewest = newest === number;
    const text = isNewest ? REVIEW_TEXT.approveText : REVIEW_TEXT.newerText(number, newest);
    const action = isNewest ? REVIEW_TEXT.approve : REVIEW_TEXT.approveOlder(number);
    if (await confirmed(REVIEW_TEXT.approveTitle, text, action, isNewest ? "primary" : "danger")) {
      await sign("approval", isNewest ? {} : { newest });
    }
  });
  const hasRegistration = desk.version.registered;
  const trail = trailView(desk);
  const judgeButtons = () => {
    const { review } = desk.page;
    const mayReview = rightsOf(desk.person).work && review.assessment !== "superseded";
    const mayAccept = mayReview && hasRegistration && review.registration !== "accepted";
    allow(accept, whyNotAccept, mayAccept ? reasonAgainstAcceptance(desk) : null);
    accept.disabled ||= !mayAccept;
    reject.disabled = !mayReview || review.registration === "rejected";
    allow(approve, whyNot, reasonAgainstApproval(desk));
  };
  const draw = () => {
    lines.replaceChildren(...desk.page.review.lines.map((line) => made("li", {}, line)));
    judgeButtons();
    trail.read();
  };
  desk.view.on("state", judgeButtons);
  const section = deskPanel(
    "review",
    REVIEW_TEXT.title,
    lines,
    labelled(REVIEW_TEXT.name, name),
    desk.person.sign_in_required ? null : made("p", { class: "hint" }, REVIEW_TEXT.typedName),
    labelled(REVIEW_TEXT.comment, comment),
    hasRegistration ? made("div", { class: "buttons" }, accept, reject) : null,
    whyNotAccept,
    made("div", { class: "buttons" }, approve),
    whyNot,
    outcome,
    trail.element,
  );
  section.id = REVIEW_ANCHOR;
  section.open = true;
  draw();
  return Object.assign(section, { refresh: draw });
}

/**
 * The highest number of a version of the case, in whatever state.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @returns {number}
 */
function newestVersion(desk) {
  return Math.max(desk.version.number, ...desk.seen.versions.map((one) => one.number));
}

/**
 * @param {import("./desk_types.js").Desk} desk
 * @returns {string | null}
 */
function reasonAgainstAcceptance(desk) {
  if (desk.version.unusable_courses.length > 0) {
    return REVIEW_TEXT.noneUsed;
  }
  return desk.view.state.adjustment === null ? null : REVIEW_TEXT.moved;
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
  if (desk.version.registered && review.registration !== "accepted") {
    return REVIEW_TEXT.needsAcceptance;
  }
  return desk.view.state.adjustment === null ? null : REVIEW_TEXT.moved;
}

/**
 * The audit trail of the case, read when it is opened.
 *
 * @param {import("./desk_types.js").Desk} desk
 */
function trailView(desk) {
  const place = made("div", { class: "scrolled", role: "region", "aria-label": REVIEW_TEXT.trail, tabindex: "0" });
  const element = made("details", { class: "trail" }, made("summary", {}, REVIEW_TEXT.trail), place);
  const read = async () => {
    if (!element.open) {
      return;
    }
    try {
      const { events } = await answered("GET", `/api/cases/${desk.caseId}/trail`);
      place.replaceChildren(trailTable(events));
    } catch (fault) {
      place.replaceChildren(problemList(problemsIn(fault)));
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
    return made("p", { class: "hint" }, REVIEW_TEXT.noTrail);
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
    made("caption", { class: "unseen" }, REVIEW_TEXT.trailCaption),
    made("thead", {}, made("tr", {}, ...[REVIEW_TEXT.when, REVIEW_TEXT.who, REVIEW_TEXT.what].map((head) => made("th", { scope: "col" }, head)))),
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
