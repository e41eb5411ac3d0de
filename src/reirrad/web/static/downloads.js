import { answered, requested } from "./api.js";
import { deskPanel, problemList } from "./elements.js";
import { problemsIn, Refused, Unreachable } from "./http.js";
import { rightsOf } from "./rights.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

const DOWNLOADS_TEXT = WORDS.downloads;
/** @type {(keyof typeof DOWNLOADS_TEXT.files)[]} */
const FILES = ["report.pdf", "report.html", "assessment.json", "dicom.zip"];
const AGAIN_MS = 2000;

/**
 * The files of a version; one that is being written is asked for again.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @returns {HTMLElement & {refresh: () => void}}
 */
export function downloadsPanel(desk) {
  const place = made("ul", { class: "downloads" });
  const problems = made("div", {});
  const again = made("button", { type: "button" }, DOWNLOADS_TEXT.again);
  const failure = made("div", { hidden: true }, problems, made("div", { class: "buttons" }, again));
  const path = `/api/cases/${desk.caseId}/versions/${desk.version.number}`;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const read = async () => {
    clearTimeout(timer);
    const { files } = await answered("GET", path);
    place.replaceChildren(...FILES.map((name) => fileItem(path, name, files[name])));
    const failed = FILES.some((name) => files[name] === "failed");
    failure.hidden = !failed;
    again.hidden = !rightsOf(desk.person).work;
    problems.replaceChildren(...(failed ? [problemList(await failureOf(path, files))] : []));
    if (FILES.some((name) => files[name] === "writing")) {
      timer = setTimeout(read, AGAIN_MS);
    }
  };
  again.addEventListener("click", async () => {
    try {
      await answered("POST", `${path}/reports`);
    } catch (fault) {
      problems.replaceChildren(problemList(problemsIn(fault)));
      return;
    }
    await read();
  });
  read();
  return Object.assign(deskPanel("downloads", DOWNLOADS_TEXT.title, place, failure), { refresh: read });
}

/**
 * Why files could not be written: what the server says when one is asked for.
 *
 * @param {string} path
 * @param {Record<string, string>} files
 * @returns {Promise<string[]>}
 */
async function failureOf(path, files) {
  const name = FILES.find((one) => files[one] === "failed");
  try {
    await requested("GET", `${path}/files/${name}`);
  } catch (fault) {
    if (fault instanceof Refused) {
      return fault.problems;
    }
    if (!(fault instanceof Unreachable)) {
      throw fault;
    }
  }
  return [DOWNLOADS_TEXT.why];
}

/**
 * @param {string} path
 * @param {keyof typeof DOWNLOADS_TEXT.files} name
 * @param {string | undefined} state
 * @returns {HTMLElement}
 */
function fileItem(path, name, state) {
  const title = DOWNLOADS_TEXT.files[name];
  if (state !== "ready") {
    const words = state === "failed" ? DOWNLOADS_TEXT.failed : DOWNLOADS_TEXT.writing;
    return made("li", { "data-file": name }, made("span", {}, `${title}: ${words}`));
  }
  return made("li", { "data-file": name }, made("a", { href: `${path}/files/${name}`, download: true }, title));
}
