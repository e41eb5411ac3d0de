import { labelled, problemList } from "./elements.js";
import { forgetSession, problemsIn, sent } from "./http.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

/**
 * The form that asks for name and password.
 *
 * @param {() => void} signedIn Called after the server has agreed.
 * @returns {HTMLFormElement}
 */
export function signInForm(signedIn) {
  const name = made("input", { name: "name", autocomplete: "username", required: true });
  const password = made("input", {
    name: "password",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const button = made("button", { type: "submit", class: "primary" }, WORDS.signIn.button);
  const answer = made("div", { "aria-live": "polite" });
  const form = made(
    "form",
    { class: "sign-in" },
    labelled(WORDS.signIn.name, name),
    labelled(WORDS.signIn.password, password),
    answer,
    button,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    answer.textContent = WORDS.signIn.busy;
    try {
      forgetSession();
      await sent("POST", "/api/sign-in", { name: name.value, password: password.value });
      forgetSession();
      signedIn();
    } catch (fault) {
      answer.replaceChildren(problemList(problemsIn(fault)));
      password.value = "";
      password.focus();
    } finally {
      button.disabled = false;
    }
  });
  return form;
}

/**
 * Only a path of this server may be gone to after signing in.
 *
 * @param {string | null} wanted
 * @returns {string}
 */
export function safeDestination(wanted) {
  return wanted !== null && /^\/(?![/\\])[\w\-/.#=,]*$/.test(wanted) ? wanted : "/";
}
