import { byId } from "./elements.js";
import { safeDestination, signInForm } from "./sign_in_form.js";
import { WORDS } from "./texts_server.js";

const place = byId("page");
const heading = document.createElement("h1");
heading.textContent = WORDS.signIn.title;
const form = signInForm(() => {
  const wanted = new URLSearchParams(location.search).get("next");
  location.assign(safeDestination(wanted));
});
place.replaceChildren(heading, form);
/** @type {HTMLInputElement | null} */ (form.querySelector("input"))?.focus();
