import { isForPerson } from "../model/action.ts";
import { checkId, checkLimit } from "../model/check.ts";
import type { Principal } from "../model/principal.ts";
import type { ThreadHead } from "../model/thread.ts";
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
  const page = await list(core, principal, {
    status: "requires_action",
    limit,
    ...(cursor !== undefined && { cursor }),
  });
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
