import { isForPerson } from "../model/action.ts";
import { checkId, checkLimit } from "../model/check.ts";
import type { Principal } from "../model/principal.ts";
import type { Thread, ThreadHead } from "../model/thread.ts";
import { principalOf } from "./core.ts";
import type { Core } from "./core.ts";
import type { CallOptions, Page } from "./engine.ts";
import type { InboxInput, InboxItem } from "./run-calls.ts";
import { list } from "./threads.ts";

/** Threads that wait for a person are a list of their own; what they ask for stands in their heads. */
export async function inbox(
  core: Core,
  base: Principal,
  input: InboxInput = {},
  options?: CallOptions,
): Promise<Page<InboxItem>> {
  const principal = principalOf(base, options);
  const { kind, agentId, cursor } = input;
  const limit = checkLimit(input.limit);
  if (agentId !== undefined) checkId(agentId, "agent_id");
  const page = await waitingThreads(core, principal, limit, cursor);
  const ids = page.items.map(({ id }) => id);
  const heads = ids.length === 0 ? [] : await core.store.loadThreads(principal, ids);
  const items = heads
    .flatMap((head) => (head === null ? [] : itemsOf(head)))
    .filter(
      (item) =>
        (kind === undefined || item.action.kind === kind) &&
        (agentId === undefined || item.agentId === agentId),
    );
  return { items, ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }) };
}

const ARCHIVED = "archived:";

/** A thread can be archived while a run waits in it. Those come behind all others, in a list that has its own cursors. */
async function waitingThreads(
  core: Core,
  principal: Principal,
  limit: number,
  cursor: string | undefined,
): Promise<Page<Thread>> {
  const status = "requires_action";
  const isBehind = cursor?.startsWith(ARCHIVED) === true;
  const first = isBehind
    ? NONE
    : await list(core, principal, { status, limit, ...(cursor !== undefined && { cursor }) });
  if (first.nextCursor !== undefined) return first;
  const left = limit - first.items.length;
  const position = isBehind ? cursor.slice(ARCHIVED.length) : "";
  const second = await list(core, principal, {
    status,
    archived: true,
    // Of a full page only whether there is more.
    limit: Math.max(1, left),
    ...(position !== "" && { cursor: position }),
  });
  if (left === 0) return second.items.length === 0 ? first : { ...first, nextCursor: ARCHIVED };
  return {
    items: [...first.items, ...second.items],
    ...(second.nextCursor !== undefined && { nextCursor: ARCHIVED + second.nextCursor }),
  };
}

const NONE: Page<Thread> = { items: [] };

function itemsOf({ profile, activity }: ThreadHead): readonly InboxItem[] {
  return activity.runs.flatMap((run) =>
    (run.actions ?? []).filter(isForPerson).map((action) => ({
      threadId: profile.id,
      threadTitle: profile.title,
      runId: run.id,
      agentId: run.agentId,
      requestedBy: run.requestedBy,
      action,
    })),
  );
}
