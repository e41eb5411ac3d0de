import { labelled, problemList, tagged } from "./elements.js";
import { WORDS } from "./texts_server.js";

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
    const heading = tagged("h2", { id: "dialog-title" }, title);
    const dialog = tagged("dialog", { "aria-labelledby": "dialog-title" }, heading);
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
    tagged("p", {}, text),
    tagged(
      "div",
      { class: "buttons" },
      tagged("button", { type: "button", autofocus: true, click: () => close("") }, WORDS.site.cancel),
      tagged("button", { type: "button", class: tone, click: () => close("yes") }, action),
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
    const reason = tagged("textarea", { rows: "3", name: "reason", autofocus: true, maxlength: "500" });
    reason.value = suggestion;
    reason.placeholder = WORDS.reassess.reasonHint;
    const answer = tagged("div", {});
    const form = tagged(
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
      tagged("p", {}, WORDS.reassess.text(basedOn)),
      labelled(WORDS.reassess.reason, reason),
      answer,
      tagged(
        "div",
        { class: "buttons" },
        tagged("button", { type: "button", click: () => close("") }, WORDS.site.cancel),
        tagged("button", { type: "submit", class: "primary" }, WORDS.reassess.start),
      ),
    );
    return [form];
  });
}
