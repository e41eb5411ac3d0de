import { WORDS } from "./texts_server.js";

const PLAIN_NUMBER = /^[+-]?\d+(\.\d+)?$/;
const COMMA_NUMBER = /^[+-]?\d+,\d+$/;

/**
 * A number that somebody typed; what is not wholly one is refused, not guessed.
 *
 * @param {string} typed
 * @returns {{value: number | undefined, fault: string | null}} Neither where it is empty.
 */
export function readNumber(typed) {
  const text = typed.trim();
  if (text === "" || PLAIN_NUMBER.test(text)) {
    return { value: text === "" ? undefined : Number(text), fault: null };
  }
  const { comma, notNumber } = WORDS.settings;
  return { value: undefined, fault: COMMA_NUMBER.test(text) ? comma(text) : notNumber(text) };
}
