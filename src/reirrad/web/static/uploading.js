import { answered, signedInAgain } from "./api.js";
import { problemsOf, Refused, requestHeaders, Unreachable } from "./http.js";

/** Files sent at the same time. */
const AT_ONCE = 3;
const BUSY_MS = 2000;

/**
 * @typedef {Object} Upload
 * @property {import("./dropped_files.js").ChosenFile[]} files
 * @property {string | null} id As the server calls it.
 * @property {number[]} sentBytes Of each file.
 * @property {Set<number>} done
 * @property {AbortController} abort
 * @property {() => void} changed Called when there is something to show.
 */

/**
 * @param {import("./dropped_files.js").ChosenFile[]} files
 * @param {() => void} changed
 * @returns {Upload}
 */
export function newUpload(files, changed) {
  return {
    files,
    id: null,
    sentBytes: files.map(() => 0),
    done: new Set(),
    abort: new AbortController(),
    changed,
  };
}

/**
 * Send what has not arrived yet and make the case; may be called again after a fault.
 *
 * @param {Upload} upload
 * @returns {Promise<string>} The id of the new case.
 */
export async function sendUpload(upload) {
  upload.abort = new AbortController();
  if (upload.id === null || !(await stillThere(upload))) {
    upload.id = (await answered("POST", "/api/uploads")).id;
    if (upload.abort.signal.aborted) {
      // It was cancelled before the server had given it a number.
      await discardUpload(upload);
      throw new Unreachable();
    }
    upload.done.clear();
    upload.sentBytes.fill(0);
  }
  const waiting = upload.files.map((_, index) => index).filter((index) => !upload.done.has(index));
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await sendFile(upload, next);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  } catch (fault) {
    upload.abort.abort();
    throw fault;
  }
  return (await answered("POST", `/api/uploads/${upload.id}/finish`, {})).case;
}

/**
 * A server that was started anew has thrown unfinished uploads away.
 *
 * @param {Upload} upload
 * @returns {Promise<boolean>}
 */
async function stillThere(upload) {
  const first = upload.files.findIndex((_, index) => !upload.done.has(index));
  try {
    await sendFile(upload, Math.max(first, 0));
    return true;
  } catch (fault) {
    if (fault instanceof Refused && fault.status === 404) {
      return false;
    }
    throw fault;
  }
}

/**
 * Stop and let the server forget what arrived.
 *
 * @param {Upload} upload
 * @returns {Promise<void>}
 */
export async function discardUpload(upload) {
  upload.abort.abort();
  if (upload.id !== null) {
    try {
      await answered("DELETE", `/api/uploads/${upload.id}`);
    } catch (fault) {
      if (!(fault instanceof Refused || fault instanceof Unreachable)) {
        throw fault;
      }
    }
  }
}

/**
 * @param {Upload} upload
 * @param {number} index
 * @returns {Promise<void>}
 */
async function sendFile(upload, index) {
  for (;;) {
    const answer = await putFile(upload, index, await requestHeaders("PUT"));
    if (answer.status === 401) {
      await signedInAgain();
    } else if (answer.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    } else if (answer.status >= 300) {
      throw new Refused(answer.status, problemsOf(answer.status, answer.text));
    } else {
      break;
    }
  }
  upload.done.add(index);
  upload.sentBytes[index] = upload.files[index]?.file.size ?? 0;
  upload.changed();
}

/**
 * Send one file; only XMLHttpRequest tells how much of it has left.
 *
 * @param {Upload} upload
 * @param {number} index
 * @param {Record<string, string>} headers
 * @returns {Promise<{status: number, text: string}>}
 */
async function putFile(upload, index, headers) {
  const chosen = upload.files[index];
  const { signal } = upload.abort;
  if (signal.aborted) {
    throw new Unreachable();
  }
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const failed = () => {
      signal.removeEventListener("abort", stop);
      reject(new Unreachable());
    };
    request.upload.addEventListener("progress", (event) => {
      upload.sentBytes[index] = event.loaded;
      upload.changed();
    });
    request.addEventListener("load", () => {
      signal.removeEventListener("abort", stop);
      resolve({ status: request.status, text: request.responseText });
    });
    request.addEventListener("error", failed);
    request.addEventListener("abort", failed);
    signal.addEventListener("abort", stop);
    request.open("PUT", `/api/uploads/${upload.id}/files`);
    for (const [name, value] of Object.entries(headers)) {
      request.setRequestHeader(name, value);
    }
    request.setRequestHeader("Content-Type", "application/octet-stream");
    // A path may name a patient: it is no part of the address.
    request.setRequestHeader("X-File-Path", encodeURIComponent(chosen?.path ?? ""));
    request.send(chosen?.file ?? null);
  });
}
