import { noteRedaction } from "../model/decide/decide.ts";
import type { Facts } from "../model/facts.ts";
import { own } from "../model/own.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";
import type { ThreadWrite } from "../store/store.ts";
import type { Request } from "./request.ts";

/** The threads that a command changes beside its own: a redaction shows wherever the message is shared, so each of these
 *  logs says so. */
export function othersOf({ key, command }: Request, facts: Facts): readonly ThreadKey[] {
  if (command.type !== "message.redact") return [];
  const holders = own(facts.messages, command.messageId)?.holders ?? [];
  return holders.flatMap((id) => (id === key.id ? [] : [{ tenant: key.tenant, id }]));
}

/** What those threads, as they are now, are told. One that was purged meanwhile has nobody to tell. */
export function writesToOthers(
  { command, context }: Request,
  heads: readonly (ThreadHead | null)[],
): readonly ThreadWrite[] {
  if (command.type !== "message.redact") return [];
  return heads.flatMap((before): readonly ThreadWrite[] => {
    if (before === null || before.profile.purgedAt !== null) return [];
    const { tenant, id } = before.profile;
    const { entries, head: after } = noteRedaction(before, command.messageId, context);
    const base = before.version;
    return [{ key: { tenant, id }, base, entries, before, after, givenIds: [] }];
  });
}
