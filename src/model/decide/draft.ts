import { apply } from "../apply.ts";
import { ENTRY_SCHEMA } from "../entry.ts";
import type { Entry, EntryOf, Op, OpData } from "../entry.ts";
import { NO_FACTS } from "../facts.ts";
import type { Facts } from "../facts.ts";
import type { Principal } from "../principal.ts";
import type { ThreadHead } from "../thread.ts";

/** Everything about a command that is not the command: who, when, and ids made beforehand. */
export interface DecideContext {
  readonly threadId: string;
  readonly principal: Principal;
  /** Recorded on every entry: `user:alice`, `agent:assistant`. */
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly opId: string;
  /** An id for a message that the model has to add. Must give the same id when the command is decided again. */
  readonly spareId: (slot: number) => string;
  readonly expectedVersion?: number;
  readonly expectedHead?: string | null;
}

/** A decision in the making: the head as it will be, and the entries that lead there. */
export interface Draft {
  head: ThreadHead;
  readonly entries: Entry[];
  readonly context: DecideContext;
  /** What `needs(command)` named. */
  readonly facts: Facts;
  spareIdsUsed: number;
}

export function openDraft(
  head: ThreadHead,
  context: DecideContext,
  facts: Facts = NO_FACTS,
): Draft {
  return { head, entries: [], context, facts, spareIdsUsed: 0 };
}

/** A draft of a thread that does not exist yet. */
export function openNewDraft(data: OpData["thread.create"], context: DecideContext): Draft {
  const entry = entryAt(1, "thread.create", data, context);
  return { head: apply(null, entry), entries: [entry], context, facts: NO_FACTS, spareIdsUsed: 0 };
}

export function emit<O extends Op>(draft: Draft, op: O, data: OpData[O]): void {
  const entry = entryAt(draft.head.version + 1, op, data, draft.context);
  draft.entries.push(entry);
  draft.head = apply(draft.head, entry);
}

export function spareId(draft: Draft): string {
  return draft.context.spareId(draft.spareIdsUsed++);
}

function entryAt<O extends Op>(
  version: number,
  op: O,
  data: OpData[O],
  { threadId, actor, at, opId }: DecideContext,
): Entry {
  const entry: EntryOf<O> = { threadId, version, op, data, actor, at, opId, schema: ENTRY_SCHEMA };
  // Each member of the union is an EntryOf of its op; the compiler cannot see it for a generic op.
  return entry as Entry;
}
