import { EXIT } from "./exit-code.ts";

export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

const SIGNALS: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

// A terminal sends Ctrl-C to npm and to its child, and npm passes it on: one press, two signals.
const ECHO_MS = 500;

/** Calls back for every signal that asks the process to end; one that follows within half a second is an echo and
 *  does not count. Returns the function that stops listening. */
export function onSignals(callback: (signal: EndSignal) => void): () => void {
  let last = Number.NEGATIVE_INFINITY;
  const listener = (signal: NodeJS.Signals): void => {
    const found = SIGNALS.find((name) => name === signal);
    if (found === undefined || performance.now() - last < ECHO_MS) return;
    last = performance.now();
    callback(found);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

/** A signal that aborts at Ctrl-C; the second Ctrl-C ends the process at once. */
export function interruption(): {
  readonly signal: AbortSignal;
  readonly stop: () => void;
} {
  const controller = new AbortController();
  const stop = onSignals(() => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  });
  return { signal: controller.signal, stop };
}
