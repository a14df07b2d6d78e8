import type { DecisionInput } from "../../engine/run-calls.ts";
import { isForPerson } from "../../model/action.ts";
import type { Action } from "../../model/action.ts";
import type { Run } from "../../model/run.ts";
import { oneLine } from "../format/printable.ts";
import type { ChatState } from "./chat-state.ts";

interface Waiting {
  readonly run: Run;
  readonly action: Action;
}

/** Says what the thread's runs wait for, and how to decide it here. */
export async function noteWaiting(chat: ChatState): Promise<void> {
  const { output } = chat;
  for (const { action } of await waitingIn(chat)) {
    const asked = action.prompt ?? JSON.stringify(action.data?.["input"] ?? action.data ?? {});
    output.note(`${action.name}: ${oneLine(asked, 500)}`);
    output.note(output.notePaint.dim(`  ${commandsFor(action)}`));
  }
}

export async function isWaiting(chat: ChatState): Promise<boolean> {
  return (await waitingIn(chat)).length > 0;
}

/** Decides the oldest thing that waits, and shows how the run goes on. */
export async function decideNext(
  chat: ChatState,
  decision: (action: Action) => DecisionInput,
): Promise<void> {
  const { skein, follower, output, threadId } = chat;
  const [next] = await waitingIn(chat);
  if (next === undefined) {
    output.note("Nothing waits for you.");
    return;
  }
  const { run, action } = next;
  const position = follower.positionOf(run.id);
  await skein.decide(threadId, run.id, [decision(action)]);
  const left = (await waitingIn(chat)).filter((each) => each.run.id === run.id);
  // Outputs that a run needs together come one after the other.
  if ((await skein.run(threadId, run.id)).status === "requires_action" && left.length > 0)
    return noteWaiting(chat);
  const events = skein.runStream(threadId, run.id, {
    ...(position !== undefined && { position }),
  });
  const after = await follower.follow(events);
  if (after?.status === "requires_action") await noteWaiting(chat);
}

async function waitingIn({ skein, threadId }: ChatState): Promise<readonly Waiting[]> {
  const { runs } = await skein.detail(threadId);
  return runs.flatMap((run) =>
    (run.actions ?? []).filter(isForPerson).map((action) => ({ run, action })),
  );
}

function commandsFor({ kind }: Action): string {
  if (kind === "approval") return "/approve or /deny [reason]";
  if (kind === "verify") return "/approve runs it again, /answer says what it came to, /deny";
  return "/answer … or /deny [reason]";
}
