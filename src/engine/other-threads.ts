import { noteRedaction } from "../model/decide/decide.ts";
import { noteGone } from "../model/decide/link.ts";
import type { DecideContext } from "../model/decide/draft.ts";
import type { Facts } from "../model/facts.ts";
import { sidesOf } from "../model/link.ts";
import { own } from "../model/own.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";
import type { ThreadWrite } from "../store/store.ts";
import { nameOf } from "./head-cache.ts";
import type { Request } from "./request.ts";

/** The threads that a command changes beside its own, or has to see as they are: a redaction shows wherever the message is
 *  shared, so each of these logs says so; a purge is told to those that are linked with the thread.
 *  @param head  of the command's own thread */
export function othersOf(
  { key, command, beside = [] }: Request,
  facts: Facts,
  head: ThreadHead | null,
): readonly ThreadKey[] {
  const { tenant } = key;
  const others = beside.map((other) => other.key);
  if (command.type === "message.redact")
    others.push(
      ...(own(facts.messages, command.messageId)?.holders ?? []).map((id) => ({ tenant, id })),
    );
  if (command.type === "purge" && head !== null)
    others.push(...sidesOf(head.profile).flatMap((side) => toldOfPurge(side, tenant)));
  const known = new Set([nameOf(key)]);
  return others.filter((other) => {
    const isNew = !known.has(nameOf(other));
    known.add(nameOf(other));
    return isNew;
  });
}

/** An origin says nothing of its forks. */
function toldOfPurge(
  { kind, threadId: id }: ReturnType<typeof sidesOf>[number],
  tenant: string,
): readonly ThreadKey[] {
  return kind === "fork-of" ? [] : [{ tenant, id }];
}

/** What those threads, as they are now, are told. One that was purged meanwhile has nobody to tell.
 *  @param heads  those of `keys`, in their order
 *  @param ownHead  the command's own thread as it was before */
export function writesToOthers(
  { key, command, context, beside = [] }: Request,
  keys: readonly ThreadKey[],
  heads: readonly (ThreadHead | null)[],
  ownHead: ThreadHead | null,
): readonly ThreadWrite[] {
  const { expectedVersion: _version, expectedHead: _head, ...plain } = context;
  const before = new Map(keys.map((other, index) => [nameOf(other), heads[index] ?? null]));
  before.set(nameOf(key), ownHead);
  const made = beside.flatMap((other) => {
    const head = before.get(nameOf(other.key)) ?? null;
    return writeOf(head, other.decide(head, { ...plain, threadId: other.key.id }));
  });
  const decideNote = noteOf(command, key.id);
  if (decideNote === undefined) return made;
  return keys.flatMap((other): readonly ThreadWrite[] => {
    const head = before.get(nameOf(other)) ?? null;
    if (head === null || head.profile.purgedAt !== null) return [];
    return writeOf(head, decideNote(head, context));
  });
}

type Note = (head: ThreadHead, context: DecideContext) => Made;
type Made = ReturnType<NonNullable<Request["beside"]>[number]["decide"]>;

function noteOf(command: Request["command"], id: string): Note | undefined {
  if (command.type === "message.redact")
    return (head, context) => noteRedaction(head, command.messageId, context);
  if (command.type === "purge") return (head, context) => noteGone(head, id, context);
  return undefined;
}

function writeOf(before: ThreadHead | null, made: Made): readonly ThreadWrite[] {
  if (made === null || made.entries.length === 0) return [];
  const { entries, head: after } = made;
  const { tenant, id } = after.profile;
  return [
    { key: { tenant, id }, base: before?.version ?? 0, entries, before, after, givenIds: [] },
  ];
}
