import { withErasedTitle } from "../../model/redacted-title.ts";
import type { ThreadActivity, ThreadProfile } from "../../model/thread.ts";
import { numberAt, parseStored, textAt, textOrNullAt } from "./cell.ts";
import { erasedPayload, quotedIn } from "./erased-payload.ts";
import type { ErasablePayload } from "./erased-payload.ts";
import { findMessage } from "./find-message.ts";
import { INCLUDES } from "./included.ts";
import { bodyVersionOf, messageOfRow } from "./message-row.ts";
import type { MessageRow } from "./message-row.ts";
import { change, row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { dropBlobReferences } from "./write-blobs.ts";

/** Overwrites what a message said wherever it stands; digests stay, to prove what was there. Answers the thread that
 *  wrote it. */
export function* redactMessage(
  tenant: string,
  tid: number,
  messageId: string,
): Plan<number | undefined> {
  const found = yield* findMessage(tid, messageId);
  if (found === undefined) return undefined;
  const { tid: home, version } = found;
  // Every thread that has the message gets an entry; the first of them has erased it everywhere.
  if (home !== tid && messageOfRow(found.row, "", null, null).redacted === true) return home;
  for (const at of [version, bodyVersionOf(found)])
    if (at !== null) {
      yield* erasePayload(home, at);
      yield* change("UPDATE skein_entry SET notes = NULL WHERE tid = ? AND version = ?", home, at);
    }
  yield* eraseMentions(tenant, messageId);
  yield* erasePreview(home, messageId);
  yield* eraseTitle(home, messageId);
  yield* eraseQuotation(home, messageId);
  for (const fork of yield* forksWith(found)) {
    yield* erasePreview(fork, messageId);
    yield* eraseTitle(fork, messageId);
    yield* eraseQuotation(fork, messageId);
  }
  yield* change("DELETE FROM skein_chunk WHERE tid = ? AND mid = ?", home, messageId);
  yield* dropBlobReferences(tenant, home, [messageId]);
  return home;
}

/** Overwrites the payload of one entry, or of what it says about one message. */
export function* erasePayload(tid: number, version: number, messageId?: string): Plan<void> {
  const entry = yield* row(
    "SELECT op, payload FROM skein_entry WHERE tid = ? AND version = ?",
    tid,
    version,
  );
  const payload = entry && textOrNullAt(entry, 1);
  if (entry === undefined || payload === null || payload === undefined) return;
  const erased = erasedPayload(entry[0], parseStored<ErasablePayload>(payload), messageId);
  yield* change(
    "UPDATE skein_entry SET payload = ? WHERE tid = ? AND version = ?",
    JSON.stringify(erased),
    tid,
    version,
  );
}

/** Annotations, moves of a branch that quote the message as its last one, titles that were made of it, and what runs asked
 *  about its calls. */
function* eraseMentions(tenant: string, messageId: string): Plan<void> {
  // The condition repeats that of the index.
  const mentions = yield* rows(
    `SELECT e.tid, e.version FROM skein_entry e JOIN skein_thread t ON t.tid = e.tid
     WHERE e.op IN (2, 25, 31, 45, 46) AND e.mid IS NOT NULL AND e.mid = ? AND t.tenant = ?`,
    messageId,
    tenant,
  );
  for (const mention of mentions) yield* erasePayload(numberAt(mention, 0), numberAt(mention, 1));
}

/** The entry that a log begins with quotes the message that a fork started behind, or the head as it was at a trim. */
function* eraseQuotation(tid: number, messageId: string): Plan<void> {
  const entry = yield* row(
    `SELECT e.version, e.payload FROM skein_entry e JOIN skein_thread t ON t.tid = e.tid
     WHERE e.tid = ? AND e.version = coalesce(t.oldest, 1)`,
    tid,
  );
  if (entry === undefined) return;
  const payload = parseStored<ErasablePayload>(textOrNullAt(entry, 1) ?? "{}");
  if (quotedIn(payload).includes(messageId))
    yield* erasePayload(tid, numberAt(entry, 0), messageId);
}

/** Forks that include the message. */
function* forksWith({ tid, version }: MessageRow): Plan<readonly number[]> {
  const forks = yield* rows(
    `SELECT DISTINCT i.tid FROM skein_entry e JOIN skein_inclusion i ON ${INCLUDES}
     WHERE e.tid = ? AND e.version = ? AND e.pos IS NOT NULL`,
    tid,
    version,
  );
  return forks.map((fork) => numberAt(fork, 0));
}

/** A head that quotes the message as its last one. */
function* erasePreview(tid: number, messageId: string): Plan<void> {
  const head = yield* row("SELECT hot FROM skein_head WHERE tid = ?", tid);
  if (head === undefined) return;
  const hot = parseStored<Partial<ThreadActivity>>(textAt(head, 0));
  if (hot.lastMessage?.id !== messageId) return;
  const lastMessage = { ...hot.lastMessage, text: "" };
  yield* change(
    "UPDATE skein_head SET hot = ? WHERE tid = ?",
    JSON.stringify({ ...hot, lastMessage }),
    tid,
  );
}

/** A title that was made of the message. */
function* eraseTitle(tid: number, messageId: string): Plan<void> {
  const thread = yield* row("SELECT profile FROM skein_thread WHERE tid = ?", tid);
  if (thread === undefined) return;
  const profile = parseStored<ThreadProfile>(textAt(thread, 0));
  if (profile.titleOf !== messageId) return;
  const erasedProfile = withErasedTitle(profile, messageId);
  yield* change(
    "UPDATE skein_thread SET title = NULL, profile = ? WHERE tid = ?",
    JSON.stringify(erasedProfile),
    tid,
  );
}
