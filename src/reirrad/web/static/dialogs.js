import { labelled, problemList } from "./elements.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

/**
 * Show a modal dialog and wait until it closes; focus goes back to where it was.
 *
 * @param {string} title
 * @param {(close: (value: string) => void) => Node[]} content
 * @param {boolean} [closable] Whether Escape closes it.
 * @returns {Promise<string>} What it was closed with, "" when dismissed.
 */
export function shownDialog(title, content, closable = true) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const heading = made("h2", { id: "dialog-title" }, title);
    const dialog = made("dialog", { "aria-labelledby": "dialog-title" }, heading);
    dialog.append(...content((value) => dialog.close(value)));
    dialog.addEventListener("cancel", (event) => {
      if (!closable) {
        event.preventDefault();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
      resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * Ask before something that cannot be undone.
 *
 * @param {string} title
 * @param {string} text
 * @param {string} action Word on the button.
 * @param {string} [tone] Class of the button.
 * @returns {Promise<boolean>}
 */
export async function confirmed(title, text, action, tone = "danger") {
  const answer = await shownDialog(title, (close) => [
    made("p", {}, text),
    made(
      "div",
      { class: "buttons" },
      made("button", { type: "button", autofocus: true, click: () => close("") }, WORDS.site.cancel),
      made("button", { type: "button", class: tone, click: () => close("yes") }, action),
    ),
  ]);
  return answer === "yes";
}

/**
 * Ask why a new version is made.
 *
 * @param {number} basedOn
 * @param {string} suggestion
 * @returns {Promise<string>} "" when dismissed.
 */
export function reasonAsked(basedOn, suggestion) {
  return shownDialog(WORDS.reassess.title, (close) => {
    const reason = made("textarea", { rows: "3", name: "reason", autofocus: true, maxlength: "500" });
    reason.value = suggestion;
    reason.placeholder = WORDS.reassess.reasonHint;
    const answer = made("div", {});
    const form = made(
      "form",
      {
        submit: (/** @type {Event} */ event) => {
          event.preventDefault();
          const given = reason.value.trim();
          if (given === "") {
            answer.replaceChildren(problemList([WORDS.reassess.reasonMissing]));
            reason.focus();
          } else {
            close(given);
          }
        },
      },
      made("p", {}, WORDS.reassess.text(basedOn)),
      labelled(WORDS.reassess.reason, reason),
      answer,
      made(
        "div",
        { class: "buttons" },
        made("button", { type: "button", click: () => close("") }, WORDS.site.cancel),
        made("button", { type: "submit", class: "primary" }, WORDS.reassess.start),
      ),
    );
    return [form];
  });
}
