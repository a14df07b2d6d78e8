import { messageOf } from "../../model/entry.ts";
import type { Entry } from "../../model/entry.ts";
import type { ThreadKey } from "../key.ts";
import { quotedIn } from "../memory/redact.ts";
import type { CommitItem, Store, ThreadWrite } from "../store.ts";
import { erasureOf, redactedLine } from "./erasure.ts";
import type { Erasure } from "./erasure.ts";
import { logPathOf } from "./layout.ts";
import { encodeLine } from "./log-line.ts";
import type { LineNote } from "./log-line.ts";

export interface Batch {
  /** Path of a log → lines for its end. */
  readonly texts: ReadonlyMap<string, string>;
  readonly erasures: readonly Erasure[];
}

/** The lines of items, which get the numbers behind `commit`. */
export async function encodeBatch(
  index: Store,
  items: readonly CommitItem[],
  commit: number,
): Promise<Batch> {
  const texts = new Map<string, string>();
  const erasures: Erasure[] = [];
  const redacted = new Set<string>();
  for (const [at, { writes }] of items.entries())
    for (const write of writes) {
      const { key, entries } = write;
      for (const id of await redactedAmong(index, write)) redacted.add(id);
      const path = logPathOf(key);
      let text = texts.get(path) ?? "";
      for (const entry of entries) {
        const note = noteOf(write, entry, commit + at + 1);
        // What was redacted before stays unsaid, whatever an entry still says of it.
        const line = redactedLine({ entry, note }, (id) => redacted.has(id), "");
        text += encodeLine(line);
        const erasure = erasureOf(key.tenant, entry);
        if (erasure !== undefined) erasures.push(erasure);
        if (entry.op === "message.redact") redacted.add(entry.data.messageId);
      }
      texts.set(path, text);
    }
  return { texts, erasures };
}

function noteOf(
  { base, entries, givenIds, operation, kept, earlier }: ThreadWrite,
  entry: Entry,
  commit: number,
): LineNote {
  const isFirst = entry === entries[0];
  const id = givenIds.length === 0 ? undefined : messageOf(entry)?.id;
  return {
    commit,
    ...(entries.length > 1 && { group: [base + 1, base + entries.length] as const }),
    ...(id !== undefined && givenIds.includes(id) && { given: true as const }),
    ...(isFirst && operation !== undefined && { operation }),
    ...(isFirst && kept !== undefined && { kept, givenIds, ...(earlier && { earlier }) }),
  };
}

/** Messages that entries say more about, as far as they are redacted. */
async function redactedAmong(
  index: Store,
  { key, entries }: ThreadWrite,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let home: ThreadKey = key;
  for (const entry of entries) {
    ids.push(...mentionedIn(entry));
    if (entry.op === "thread.create" && entry.data.from !== undefined)
      home = { tenant: key.tenant, id: entry.data.from.threadId };
  }
  if (ids.length === 0) return [];
  const messages = await index.loadMessages(home, ids);
  return messages.flatMap((message) => (message?.redacted === true ? [message.id] : []));
}

function mentionedIn(entry: Entry): readonly string[] {
  switch (entry.op) {
    case "message.commit":
    case "message.annotate":
      return [entry.data.messageId];
    case "thread.create": {
      const { from, profile } = entry.data;
      return [from?.lastMessage?.id, profile.titleOf].filter((id) => id !== undefined);
    }
    default: {
      const id = quotedIn(entry);
      return id === undefined ? [] : [id];
    }
  }
}
