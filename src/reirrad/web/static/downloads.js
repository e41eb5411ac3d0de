import { answered } from "./api.js";
import { deskPanel, tagged } from "./elements.js";
import { WORDS } from "./texts_server.js";

const DOWNLOADS_TEXT = WORDS.downloads;
/** @type {(keyof typeof DOWNLOADS_TEXT.files)[]} */
const FILES = ["report.pdf", "report.html", "assessment.json", "dicom.zip"];
const AGAIN_MS = 2000;

/**
 * The files of a version; one that is being written is asked for again.
 *
 * @param {import("./desk_types.js").Desk} desk
 * @returns {HTMLElement & {review?: () => void}}
 */
export function downloadsPanel(desk) {
  const place = tagged("ul", { class: "downloads" });
  const path = `/api/cases/${desk.caseId}/versions/${desk.version.number}`;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const read = async () => {
    clearTimeout(timer);
    const { files } = await answered("GET", path);
    place.replaceChildren(...FILES.map((name) => fileItem(path, name, files[name])));
    if (FILES.some((name) => files[name] === "writing")) {
      timer = setTimeout(read, AGAIN_MS);
    }
  };
  read();
  return Object.assign(deskPanel("downloads", DOWNLOADS_TEXT.title, place), { review: read });
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
    return tagged("li", { "data-file": name }, tagged("span", {}, `${title}: ${words}`));
  }
  return tagged("li", { "data-file": name }, tagged("a", { href: `${path}/files/${name}`, download: true }, title));
}
