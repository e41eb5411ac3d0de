import { answered } from "./api.js";
import { reasonAsked } from "./dialogs.js";
import { problemList } from "./elements.js";
import { problemsIn } from "./http.js";
import { anythingUnsaved } from "./unsaved.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

/**
 * Ask why, make a new version, show its steps and go to it.
 *
 * @param {Pick<import("./desk_types.js").Desk, "caseId" | "version" | "onStep">} desk
 * @param {Record<string, unknown>} change What differs: `adjustment` or `settings`.
 * @param {string} suggestion First words of the reason.
 * @param {HTMLElement} place Where steps and problems are shown.
 * @param {() => void} [begun] Called when the server has taken the change.
 * @returns {Promise<string[]>} Problems; empty when under way, done or dismissed.
 */
export async function reassess(desk, change, suggestion, place, begun = () => undefined) {
  const basedOn = desk.version.number;
  const reason = await reasonAsked(basedOn, suggestion);
  if (reason === "") {
    return [];
  }
  place.replaceChildren();
  try {
    const path = `/api/cases/${desk.caseId}/versions`;
    const { number } = await answered("POST", path, { based_on: basedOn, reason, ...change });
    begun();
    const progress = versionProgress(desk, number);
    place.replaceChildren(progress);
    progress.scrollIntoView({ block: "nearest" });
    return [];
  } catch (fault) {
    return problemsIn(fault);
  }
}

/**
 * The steps of a version that is being assessed; goes to it when it is done and nothing
 * on the page would be lost.
 *
 * @param {Pick<import("./desk_types.js").Desk, "caseId" | "onStep">} desk
 * @param {number} number
 * @param {string[]} [before] Steps so far.
 * @returns {HTMLElement}
 */
export function versionProgress(desk, number, before = []) {
  const title = made("strong", {}, WORDS.reassess.running(number));
  const now = made("span", { role: "status" }, before[before.length - 1] ?? WORDS.reassess.waiting);
  const past = made("ol", { class: "steps" }, ...before.slice(0, -1).map((step) => made("li", {}, step)));
  const turning = made("span", { class: "turning", "aria-hidden": "true" });
  const box = made("div", { class: "version-progress" }, made("p", {}, turning, title), now, past);
  const stop = desk.onStep((step) => {
    if (step.case !== desk.caseId || step.version !== number) {
      return;
    }
    if (step.state === "done") {
      stop();
      now.textContent = WORDS.reassess.done(number);
      openOrOffer(`/case/${desk.caseId}/${number}`, number, box);
    } else if (step.state === "failed") {
      stop();
      title.textContent = WORDS.reassess.failed(number);
      box.replaceChildren(title, problemList(step.problems));
    } else if (step.step !== "" && step.step !== now.textContent) {
      if (now.textContent !== WORDS.reassess.waiting) {
        past.append(made("li", {}, now.textContent ?? ""));
      }
      now.textContent = step.step;
    }
  });
  return box;
}

/**
 * @param {string} href
 * @param {number} number
 * @param {HTMLElement} box
 */
function openOrOffer(href, number, box) {
  if (anythingUnsaved() || document.querySelector("dialog[open]") !== null) {
    const words = made("span", { role: "status" }, WORDS.reassess.unsaved);
    box.replaceChildren(made("p", {}, made("a", { href }, WORDS.reassess.open(number))), words);
  } else {
    location.assign(href);
  }
}
