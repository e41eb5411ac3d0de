import { shownDialog } from "./dialogs.js";
import { forgetSession, Refused, sent, session } from "./http.js";
import { signInForm } from "./sign_in_form.js";
import { WORDS } from "./texts_server.js";
import { made } from "./viewer/nodes.js";

/** @type {Promise<string> | null} */
let signingIn = null;

/**
 * Ask the API; when the session has ended, ask for the password in place and go on.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<Response>}
 */
export async function requested(method, path, body) {
  for (;;) {
    const { csrf } = await session();
    try {
      return await sent(method, path, body);
    } catch (fault) {
      if (!(fault instanceof Refused) || (fault.status !== 401 && fault.status !== 403)) {
        throw fault;
      }
      forgetSession();
      if (fault.status === 401) {
        await signedInAgain();
      } else if ((await session()).csrf === csrf) {
        throw fault;
      }
      // A server that was started anew gives out another token: ask once more with it.
    }
  }
}

/**
 * Ask the API for JSON.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function answered(method, path, body) {
  const response = await requested(method, path, body);
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}

/** Let the same person go on where the session ended: one dialog for all requests. */
export async function signedInAgain() {
  signingIn ??= shownDialog(
    WORDS.signIn.again,
    (close) => [made("p", {}, WORDS.signIn.againHint), signInForm(() => close("yes"))],
    false,
  );
  await signingIn;
  signingIn = null;
}

/**
 * The session of a page that needs one; goes to the sign-in page where there is none.
 *
 * @returns {Promise<import("./server_types.js").Session | null>} Null: the page leaves.
 */
export async function neededSession() {
  const found = await session();
  if (found.signed_in || !found.sign_in_required) {
    return found;
  }
  const here = location.pathname + location.hash;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
  return null;
}

/** End the session. */
export async function signOut() {
  await sent("POST", "/api/sign-out");
  forgetSession();
  location.assign("/sign-in");
}
