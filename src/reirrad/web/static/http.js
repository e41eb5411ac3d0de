import { WORDS } from "./texts_server.js";

/** The server answered, and said no in its own words. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string[]} problems
   */
  constructor(status, problems) {
    super(problems.join(" "));
    this.status = status;
    this.problems = problems;
  }
}

/** There was no answer. */
export class Unreachable extends Error {
  constructor() {
    super(WORDS.site.unreachable);
    this.problems = [WORDS.site.unreachable];
  }
}

/**
 * The sentences for a request that was refused or not answered; any other fault goes on.
 *
 * @param {unknown} fault
 * @returns {string[]}
 */
export function problemsIn(fault) {
  if (fault instanceof Refused || fault instanceof Unreachable) {
    return fault.problems;
  }
  throw fault;
}

/** @type {import("./server_types.js").Session | null} */
let known = null;

/**
 * Who is signed in, asked once.
 *
 * @returns {Promise<import("./server_types.js").Session>}
 */
export async function session() {
  if (known === null) {
    known = await (await sent("GET", "/api/session")).json();
  }
  return /** @type {import("./server_types.js").Session} */ (known);
}

/** Ask who is signed in anew the next time. */
export function forgetSession() {
  known = null;
}

/**
 * Headers that a request which changes something must carry.
 *
 * @param {string} method
 * @returns {Promise<Record<string, string>>}
 */
export async function requestHeaders(method) {
  if (method === "GET") {
    return {};
  }
  const { csrf } = await session();
  return csrf === null ? {} : { "X-CSRF-Token": csrf };
}

/**
 * Send a request and give the answer when the server agreed.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] Sent as JSON.
 * @returns {Promise<Response>}
 */
export async function sent(method, path, body) {
  const headers = await requestHeaders(method);
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  const content = body === undefined ? null : JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, { method, headers, body: content, cache: "no-store" });
  } catch {
    throw new Unreachable();
  }
  if (!response.ok) {
    throw new Refused(response.status, problemsOf(response.status, await response.text()));
  }
  return response;
}

/**
 * The sentences of an answer that says no.
 *
 * @param {number} status
 * @param {string} text
 * @returns {string[]}
 */
export function problemsOf(status, text) {
  try {
    const { problems } = JSON.parse(text);
    if (Array.isArray(problems) && problems.length > 0) {
      return problems.map(String);
    }
  } catch {
    // An answer that is not JSON has no sentences.
  }
  return [WORDS.site.unexpected(status)];
}
