import type { Engine } from "../engine/engine.ts";
import type { Message } from "../model/message.ts";
import type { ToolCallPart } from "../model/part.ts";
import type { Run, Step } from "../model/run.ts";
import type { BranchHead, OpenMessage, ThreadHead } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";

/** Everything that the journal says about a run. The next step follows from it alone, also after a crash. */
export interface RunState {
  readonly head: ThreadHead;
  readonly branch: BranchHead;
  readonly run: Run;
  readonly steps: readonly Step[];
  /** The message that a model step has begun and not finished. */
  readonly open: OpenMessage | undefined;
  /** Calls of the newest model step without a result, in order. */
  readonly calls: readonly ToolCallPart[];
}

/** Reads the journal, or `undefined` when the run has ended, waits, or belongs to another worker. */
export async function loadRunState(
  { store }: Pick<Engine, "store">,
  key: ThreadKey,
  { id, fence }: Pick<Run, "id" | "fence">,
): Promise<RunState | undefined> {
  const [head] = await store.loadHeads([key]);
  const run = head?.activity.runs.find((other) => other.id === id);
  if (head === null || head === undefined || run === undefined || run.fence !== fence)
    return undefined;
  // It waits, or goes on elsewhere.
  if (run.status !== "running" && run.status !== "cancelling") return undefined;
  const branch = head.branches[run.branch];
  if (branch === undefined || head.profile.deletedAt !== null) return undefined;
  const steps = await store.listSteps(key, id, run.journalFrom);
  const open = head.activity.open.find(({ runId }) => runId === id);
  const wrote = lastModelStep(steps)?.messageId;
  const [message = null] =
    branch.pending.length > 0 && open === undefined && wrote !== undefined
      ? await store.loadMessages(key, [wrote])
      : [];
  return { head, branch, run, steps, open, calls: openCalls(message, branch) };
}

export function lastModelStep(steps: readonly Step[]): Step | undefined {
  return steps.findLast(({ kind }) => kind === "model");
}

function openCalls(message: Message | null, { pending }: BranchHead): readonly ToolCallPart[] {
  return (message?.parts ?? []).filter(
    (part): part is ToolCallPart => part.type === "tool-call" && pending.includes(part.callId),
  );
}
