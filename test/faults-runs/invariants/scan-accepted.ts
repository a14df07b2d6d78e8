import type { Entry, Message } from "../../../src/index.ts";
import { isEnded } from "../../../src/model/run-transitions.ts";
import { textOf } from "../../../src/model/part.ts";
import type { RunTrace } from "./trace-run.ts";

/** What a client was told. It must hold whatever happens afterwards. */
export interface Accepted {
  readonly threadId: string;
  readonly messageId: string;
  readonly runId: string;
  readonly text: string;
  /** What the answer begins with. */
  readonly tag: string;
  /** The run may end without an answer: somebody stops it. */
  readonly mayEnd?: true;
}

export interface AcceptedInput {
  readonly threadId: string;
  readonly entries: readonly Entry[];
  readonly traces: ReadonlyMap<string, RunTrace>;
  readonly messages: readonly Message[];
  readonly accepted: readonly Accepted[];
  readonly isQuiet: boolean;
}

/** (I9) Every accepted message is there once, has one run, and is answered once, in the order in which it was accepted. */
export function scanAccepted({
  threadId,
  entries,
  traces,
  messages,
  accepted,
  isQuiet,
}: AcceptedInput): readonly string[] {
  const problems: string[] = [];
  const told = accepted.filter((one) => one.threadId === threadId);
  if (told.length === 0) return problems;
  for (const one of told) {
    const { messageId, runId, text, tag } = one;
    const found = messages.filter(({ id }) => id === messageId);
    if (found.length !== 1 || textOf(found[0]?.parts ?? []) !== text)
      problems.push(`accepted “${text}” is there ${found.length} times`);
    const run = traces.get(runId)?.run;
    if (run === undefined) problems.push(`accepted run ${runId} is not in the log`);
    else if (run.turnId !== null && run.turnId !== messageId)
      problems.push(`run ${runId} answers ${run.turnId} instead of ${messageId}`);
    if (run === undefined || !isEnded(run.status)) continue;
    const answers = messages.filter(
      (message) => message.role === "assistant" && message.runId === runId,
    );
    const last = answers.at(-1);
    const isAnswered = last?.status === "completed" && textOf(last.parts).startsWith(tag);
    if (run.status === "completed" && !isAnswered)
      problems.push(`“${text}” was answered “${textOf(last?.parts ?? [])}”`);
    if (run.status !== "completed" && one.mayEnd !== true && !wasInterrupted(run))
      problems.push(`“${text}” ended as ${run.status}: ${run.error?.message ?? "no error"}`);
  }
  const known = new Set(told.map(({ runId }) => runId));
  // What is written now may be accepted, and its client not yet told.
  for (const { run } of isQuiet ? traces.values() : [])
    if (run.parent === undefined && !known.has(run.id))
      problems.push(`run ${run.id} of ${threadId} answers nothing that was accepted`);
  return [...problems, ...scanOrder(threadId, told, entries)];
}

/** Too many kills in a row are allowed to end a run. */
function wasInterrupted({ error }: RunTrace["run"]): boolean {
  return error?.code === "run_interrupted";
}

function scanOrder(
  threadId: string,
  told: readonly Accepted[],
  entries: readonly Entry[],
): readonly string[] {
  const ended = entries.flatMap((entry) => (entry.op === "run.end" ? [entry.data.runId] : []));
  // What is stopped while it waits ends before its turn.
  const accepted = told.filter(({ mayEnd }) => mayEnd !== true).map(({ runId }) => runId);
  const order = ended.filter((id) => accepted.includes(id));
  const isInOrder = order.every((id, index) => id === accepted[index]);
  return isInOrder ? [] : [`runs of ${threadId} ended in another order than they were accepted`];
}
