import { signOut } from "./api.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

/**
 * Who is signed in, and the way out.
 *
 * @param {import("./server_types.js").Session} person
 * @returns {HTMLElement}
 */
export function personCorner(person) {
  if (!person.sign_in_required || person.name === null) {
    return made("span", { class: "person" });
  }
  return made(
    "span",
    { class: "person" },
    made("span", {}, WORDS.site.signedInAs(person.name, person.role ?? "")),
    made("button", { type: "button", class: "quiet", click: () => signOut() }, WORDS.site.signOut),
  );
}
