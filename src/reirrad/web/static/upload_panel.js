import { answered } from "./api.js";
import { chosenFiles, droppedFiles } from "./dropped_files.js";
import { labelled, problemList } from "./elements.js";
import { problemsIn, Refused, Unreachable } from "./http.js";
import { rightsOf } from "./rights.js";
import { WORDS } from "./texts_server.js";
import { discardUpload, newUpload, sendUpload } from "./uploading.js";
import { made, present } from "./viewer/nodes.js";

/**
 * The place where a new case begins: drop zone, two choosers, path on the server.
 *
 * @param {import("./server_types.js").Session} person
 * @param {(caseId: string) => void} received Called with the id of a new case.
 * @returns {HTMLElement}
 */
export function uploadPanel(person, received) {
  if (!rightsOf(person).work) {
    return made("p", { class: "hint" }, WORDS.upload.mayNot);
  }
  const status = made("div", { class: "upload-status", hidden: true });
  const begin = (/** @type {import("./dropped_files.js").ChosenFile[]} */ files) =>
    beginUpload(files, status, received);
  return made(
    "section",
    { class: "new-case", "aria-label": WORDS.upload.title },
    dropZone(status, begin),
    person.import_folders.length === 0 ? null : importForm(person.import_folders, received),
    status,
  );
}

/**
 * @param {HTMLElement} status
 * @param {(files: import("./dropped_files.js").ChosenFile[]) => void} begin
 * @returns {HTMLElement}
 */
function dropZone(status, begin) {
  const folder = fileInput({ webkitdirectory: true, "data-choose": "folder" }, begin);
  const zip = fileInput({ accept: ".zip,application/zip", "data-choose": "zip" }, begin);
  const zone = made(
    "div",
    { class: "drop-zone" },
    made("strong", {}, WORDS.upload.drop),
    made("span", { class: "hint" }, WORDS.upload.or),
    made(
      "span",
      { class: "buttons" },
      made("button", { type: "button", click: () => folder.click() }, WORDS.upload.folder),
      made("button", { type: "button", click: () => zip.click() }, WORDS.upload.zip),
    ),
    folder,
    zip,
  );
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer !== null) {
      show(status, made("p", {}, WORDS.upload.reading));
      begin(await droppedFiles(event.dataTransfer));
    }
  });
  // A drop beside the zone must not make the browser leave the page.
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => event.preventDefault());
  return zone;
}

/**
 * @param {Record<string, string | boolean>} attributes
 * @param {(files: import("./dropped_files.js").ChosenFile[]) => void} begin
 * @returns {HTMLInputElement}
 */
function fileInput(attributes, begin) {
  const input = made("input", { type: "file", hidden: true, ...attributes });
  input.addEventListener("change", () => {
    const files = chosenFiles(input);
    input.value = "";
    begin(files);
  });
  return input;
}

/**
 * @param {HTMLElement} status
 * @param {...(Node | null)} content
 */
function show(status, ...content) {
  status.hidden = content.length === 0;
  status.replaceChildren(...present(content));
}

/**
 * @param {import("./dropped_files.js").ChosenFile[]} files
 * @param {HTMLElement} status
 * @param {(caseId: string) => void} received
 */
async function beginUpload(files, status, received) {
  if (files.length === 0) {
    show(status, problemList([WORDS.upload.nothing]));
    return;
  }
  const allBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const bar = made("progress", { max: String(Math.max(allBytes, 1)), "aria-label": WORDS.upload.label });
  const words = made("span", {});
  const upload = newUpload(files, () => {
    const bytes = Math.min(upload.sentBytes.reduce((sum, part) => sum + part, 0), allBytes);
    bar.value = bytes;
    words.textContent =
      upload.done.size === files.length
        ? WORDS.upload.finishing
        : WORDS.upload.progress(upload.done.size, files.length, bytes, allBytes);
  });
  const guard = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();
  const stop = async () => {
    cancelled = true;
    await discardUpload(upload);
    show(status, made("p", { role: "status" }, WORDS.upload.cancelled));
  };
  let cancelled = false;
  const attempt = async () => {
    const cancel = made("button", { type: "button", click: stop }, WORDS.upload.cancel);
    show(status, bar, words, cancel);
    upload.changed();
    addEventListener("beforeunload", guard);
    try {
      received(await sendUpload(upload));
      show(status);
    } catch (fault) {
      if (!(fault instanceof Refused || fault instanceof Unreachable)) {
        throw fault;
      }
      if (!cancelled) {
        show(status, ...interruptedUpload(fault, attempt, stop));
      }
    } finally {
      removeEventListener("beforeunload", guard);
    }
  };
  await attempt();
}

/**
 * @param {Refused | Unreachable} fault
 * @param {() => void} again
 * @param {() => void} stop
 * @returns {HTMLElement[]}
 */
function interruptedUpload(fault, again, stop) {
  const why = fault instanceof Refused ? WORDS.upload.refused : WORDS.upload.interrupted;
  return [
    problemList([why, ...fault.problems]),
    made(
      "span",
      { class: "buttons" },
      made("button", { type: "button", class: "primary", click: again }, WORDS.upload.retry),
      made("button", { type: "button", click: stop }, WORDS.upload.stopped),
    ),
  ];
}

/**
 * @param {string[]} folders
 * @param {(caseId: string) => void} received
 * @returns {HTMLElement}
 */
function importForm(folders, received) {
  const path = made("input", { name: "path", required: true, spellcheck: "false" });
  path.placeholder = WORDS.upload.onServerHint(folders.join(", "));
  const answer = made("div", {});
  const form = made(
    "form",
    { class: "import" },
    labelled(WORDS.upload.onServer, path),
    made("button", { type: "submit" }, WORDS.upload.import),
    answer,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    answer.replaceChildren();
    try {
      const created = await answered("POST", "/api/imports", { path: path.value.trim() });
      path.value = "";
      received(created.case);
    } catch (fault) {
      answer.replaceChildren(problemList(problemsIn(fault)));
    }
  });
  return form;
}
