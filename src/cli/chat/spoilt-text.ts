import type { RunStreamEvent, Skein } from "../../agents/skein.ts";
import type { Run, Step } from "../../model/run.ts";

/** The model call that a dead process left half done. It is made again, so the text that it streamed is void. */
export async function spoiltStep(skein: Skein, run: Run): Promise<Step | undefined> {
  if (run.owner === undefined || (await skein.store.isAlive(run.owner))) return undefined;
  const steps = await skein.steps(run.threadId, run.id);
  return steps.findLast(({ kind, status }) => kind === "model" && status === "running");
}

/** The events without what the step's void attempts streamed. */
export async function* unspoilt(
  events: AsyncIterable<RunStreamEvent>,
  step: Step | undefined,
): AsyncIterable<RunStreamEvent> {
  for await (const event of events) {
    const isVoid =
      step !== undefined &&
      ((event.type === "delta" && event.attempt <= step.attempt) ||
        (event.type === "attempt-reset" && event.attempt <= step.attempt + 1)) &&
      event.messageId === step.messageId;
    if (!isVoid) yield event;
  }
}
