import { signedInAgain } from "./api.js";
import { forgetSession, session, Unreachable } from "./http.js";

const RETRY_MS = 3000;

/**
 * Follow the progress of all versions, through lost connections.
 *
 * @param {(step: import("./server_types.js").StepSeen) => void} onStep
 * @param {(lost: boolean) => void} onConnection
 * @returns {() => void} Stops following.
 */
export function followProgress(onStep, onConnection) {
  /** @type {EventSource | null} */
  let source = null;
  let stopped = false;
  const open = () => {
    const events = new EventSource("/api/progress");
    source = events;
    events.addEventListener("open", () => onConnection(false));
    events.addEventListener("step", (event) => onStep(JSON.parse(event.data)));
    events.addEventListener("error", () => {
      onConnection(true);
      events.close();
      setTimeout(again, RETRY_MS);
    });
  };
  const again = async () => {
    if (stopped) {
      return;
    }
    try {
      forgetSession();
      const found = await session();
      if (found.sign_in_required && !found.signed_in) {
        await signedInAgain();
      }
      open();
    } catch (fault) {
      if (!(fault instanceof Unreachable)) {
        throw fault;
      }
      setTimeout(again, RETRY_MS);
    }
  };
  open();
  addEventListener("pagehide", () => source?.close());
  return () => {
    stopped = true;
    source?.close();
  };
}
