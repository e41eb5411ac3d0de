/**
 * @typedef {Object} ChosenFile
 * @property {string} path Relative, with slashes.
 * @property {File} file
 */

/**
 * Files of a folder or zip that was dropped.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<ChosenFile[]>}
 */
export async function droppedFiles(transfer) {
  // The items are gone after the first await: all entries are taken before it.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const files = [...transfer.files];
  if (entries.every((entry) => entry === null)) {
    return files.map((file) => ({ path: file.name, file }));
  }
  /** @type {ChosenFile[]} */
  const found = [];
  for (const entry of entries) {
    if (entry !== null) {
      await gatherFiles(entry, "", found);
    }
  }
  return found;
}

/**
 * Files of an input element, with their place in the chosen folder.
 *
 * @param {HTMLInputElement} input
 * @returns {ChosenFile[]}
 */
export function chosenFiles(input) {
  return [...(input.files ?? [])].map((file) => ({
    path: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath,
    file,
  }));
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} above
 * @param {ChosenFile[]} found
 * @returns {Promise<void>}
 */
async function gatherFiles(entry, above, found) {
  const path = `${above}${entry.name}`;
  if (entry.isFile) {
    const fileEntry = /** @type {FileSystemFileEntry} */ (entry);
    const file = await new Promise((resolve, reject) => fileEntry.file(resolve, reject));
    found.push({ path, file });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    // A reader gives at most 100 entries at a time, and none at the end.
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) {
      return;
    }
    for (const inner of some) {
      await gatherFiles(inner, `${path}/`, found);
    }
  }
}
