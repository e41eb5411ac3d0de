import { signOut } from "./api.js";
import { tagged } from "./elements.js";
import { WORDS } from "./texts_server.js";

/**
 * Who is signed in, and the way out.
 *
 * @param {import("./server_types.js").Session} person
 * @returns {HTMLElement}
 */
export function personCorner(person) {
  if (!person.sign_in_required || person.name === null) {
    return tagged("span", { class: "person" });
  }
  return tagged(
    "span",
    { class: "person" },
    tagged("span", {}, WORDS.site.signedInAs(person.name, person.role ?? "")),
    tagged("button", { type: "button", class: "quiet", click: () => signOut() }, WORDS.site.signOut),
  );
}
