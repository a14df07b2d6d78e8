import type { Skein } from "../agents/skein.ts";
import type { Run } from "../model/run.ts";
import { EXIT, EXIT_OF_RUN, type ExitCode } from "./exit-code.ts";
import type { Output } from "./output.ts";
import { printRun } from "./print-run.ts";

/** Prints the answer of `run` as this process or another one writes it. Ctrl-C stops the run; its partial text is kept. */
export async function awaitRun(
  skein: Skein,
  run: Run,
  output: Output,
  signal: AbortSignal,
): Promise<ExitCode> {
  let stopping: Promise<unknown> = Promise.resolve();
  const stop = (): void => {
    // A run that has just ended cannot be stopped, which is no failure.
    stopping = skein.cancel(run.threadId, run.id).catch(() => {});
  };
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    const ended = await printRun(skein.runStream(run.threadId, run.id), output);
    await stopping;
    if (signal.aborted) return EXIT.interrupted;
    return EXIT_OF_RUN[ended?.status ?? "failed"];
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
