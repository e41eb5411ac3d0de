import { moment } from "./elements.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

const VERSIONS_TEXT = WORDS.page;

/**
 * The versions of a case, to choose one.
 *
 * @param {import("./server_types.js").CaseSeen} seen
 * @param {number} shown
 * @returns {HTMLElement}
 */
export function versionChoice(seen, shown) {
  const newest = Math.max(...seen.versions.map((version) => version.number));
  const items = [...seen.versions]
    .sort((one, other) => other.number - one.number)
    .map((version) => versionItem(seen.id, version, shown, newest));
  const menu = made(
    "details",
    { class: "versions" },
    made("summary", {}, VERSIONS_TEXT.versions(shown, seen.versions.length)),
    made("ol", {}, ...items),
  );
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
      event.stopPropagation();
    }
  });
  return menu;
}

/**
 * @param {string} caseId
 * @param {import("./server_types.js").VersionSeen} version
 * @param {number} shown
 * @param {number} newest
 * @returns {HTMLElement}
 */
function versionItem(caseId, version, shown, newest) {
  const { number } = version;
  const name = number === newest && number > 1 ? `${VERSIONS_TEXT.version(number)}, ${VERSIONS_TEXT.latest}` : VERSIONS_TEXT.version(number);
  const href = `/case/${caseId}/${number}`;
  return made(
    "li",
    {},
    made("a", { href, "aria-current": number === shown ? "page" : null }, name),
    made("span", {}, stateWords(version)),
    made("span", { class: "hint" }, VERSIONS_TEXT.made(version.created_by, moment(version.created))),
    version.reason === "" ? null : made("span", { class: "hint" }, version.reason),
  );
}

/** @param {import("./server_types.js").VersionSeen} version */
function stateWords(version) {
  switch (version.state) {
    case "queued":
      return WORDS.list.queued;
    case "running":
      return WORDS.list.running;
    case "failed":
      return WORDS.list.failed;
    default:
      return doneWords(version.review);
  }
}

/** @param {import("./server_types.js").ReviewSeen} review */
function doneWords(review) {
  const registration = `${WORDS.review.registration}: ${WORDS.registration[review.registration]}`;
  return `${registration}. ${WORDS.assessment[review.assessment]}.`;
}
