/** What somebody entered on this page and nothing has kept yet. */

/** @type {Set<() => boolean>} */
const unsavedWork = new Set();

/**
 * Ask a part of the page, whenever somebody is about to leave it.
 *
 * @param {() => boolean} isUnsaved
 */
export function watchUnsaved(isUnsaved) {
  unsavedWork.add(isUnsaved);
}

/** Whether leaving the page would lose something. */
export function anythingUnsaved() {
  return [...unsavedWork].some((isUnsaved) => isUnsaved());
}

/** Let the browser ask before the page is left with something unsaved on it. */
export function guardLeaving() {
  addEventListener("beforeunload", (event) => {
    if (anythingUnsaved()) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
}
