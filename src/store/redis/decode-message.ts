import { SkeinError } from "../../model/error.ts";
import { foldMessage, withoutPayload } from "../memory/fold-message.ts";
import type { StoredMessage } from "../memory/memory-data.ts";
import { decodeEntry } from "./decode-entry.ts";
import { idOf } from "./names.ts";
import { listOf, textOf, textOrNullOf } from "./reply.ts";
import type { Reply } from "./reply.ts";

const RECORD = /^[a-z] \d (\d) \d+ (\S+) /u;

/** A message from its thread, its record, and the entries that made it with their words. */
export function decodeMessage(reply: Reply): StoredMessage {
  const [home, record, ...entries] = listOf(reply);
  const threadId = idOf(textOf(home));
  const [, isRedacted, versions] = RECORD.exec(textOf(record)) ?? [];
  let stored: StoredMessage | undefined;
  for (const [index, version] of (versions?.split(",") ?? []).entries()) {
    const json = textOf(entries[2 * index]);
    const words = textOrNullOf(entries[2 * index + 1]);
    stored = foldMessage(
      stored,
      decodeEntry(threadId, Number.parseInt(version, 10) || 0, json, [words]),
    );
  }
  if (stored === undefined)
    throw new SkeinError("store_corrupt", `A message of thread ${threadId} has no beginning.`);
  if (isRedacted === "0") return stored;
  return { ...stored, message: { ...withoutPayload(stored.message), redacted: true } };
}
