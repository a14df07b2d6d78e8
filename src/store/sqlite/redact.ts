import { withErasedTitle } from "../../model/redacted-title.ts";
import type { LastMessage, ThreadActivity, ThreadProfile } from "../../model/thread.ts";
import { numberAt, numberOrNullAt, parseStored, textAt, textOrNullAt } from "../sql/cell.ts";
import { dropBlobReferences } from "./blobs.ts";
import { OP_CODES } from "../sql/codes.ts";
import type { Connection } from "./connection.ts";
import { findMessage } from "./find-message.ts";
import { messageOfRow } from "./message-row.ts";
import type { MessageRow } from "./message-row.ts";

/** Overwrites what a message said wherever it stands; digests stay, to prove what was there. Answers the thread that
 *  wrote it. */
export function redactMessage(
  connection: Connection,
  tenant: string,
  tid: number,
  messageId: string,
): number | undefined {
  const found = findMessage(connection, tenant, tid, messageId);
  if (found === undefined) return undefined;
  const { tid: home, version } = found;
  // Every thread that has the message gets an entry; the first of them has erased it everywhere.
  if (home !== tid && messageOfRow(found.row, "", null, null).redacted === true) return home;
  for (const at of [version, bodyVersionOf(connection, found)])
    if (at !== null) {
      erasePayload(connection, home, at);
      connection
        .statement("UPDATE skein_entry SET notes = NULL WHERE tid = ? AND version = ?")
        .run(home, at);
    }
  eraseMentions(connection, tenant, messageId);
  erasePreview(connection, home, messageId);
  eraseTitle(connection, home, messageId);
  for (const fork of forksWith(connection, found)) {
    erasePreview(connection, fork, messageId);
    eraseTitle(connection, fork, messageId);
    eraseQuotation(connection, fork, messageId);
  }
  connection.statement("DELETE FROM skein_chunk WHERE tid = ? AND mid = ?").run(home, messageId);
  dropBlobReferences(connection, tenant, home, [messageId]);
  return home;
}

/** Overwrites the payload of one entry, or of what it says about one message. */
export function erasePayload(
  connection: Connection,
  tid: number,
  version: number,
  messageId?: string,
): void {
  const row = connection
    .statement("SELECT op, payload FROM skein_entry WHERE tid = ? AND version = ?")
    .row(tid, version);
  const payload = row && textOrNullAt(row, 1);
  if (row === undefined || payload === null || payload === undefined) return;
  connection
    .statement("UPDATE skein_entry SET payload = ? WHERE tid = ? AND version = ?")
    .run(JSON.stringify(erased(row[0], parseStored<Payload>(payload), messageId)), tid, version);
}

interface Payload {
  readonly metadata?: unknown;
  readonly lastMessage?: LastMessage | null;
  readonly from?: { readonly lastMessage: LastMessage | null };
  readonly profile?: ThreadProfile;
}

function erased(
  op: unknown,
  { metadata: _metadata, ...payload }: Payload,
  messageId: string | undefined,
): object {
  switch (op) {
    case OP_CODES["message.append"]:
    case OP_CODES["message.open"]:
    case OP_CODES["message.enqueue"]:
    case OP_CODES["message.commit"]:
      return { ...payload, parts: [], redacted: true };
    case OP_CODES["message.annotate"]:
      return { ...payload, values: {} };
    case OP_CODES["branch.move"]:
      return { ...payload, lastMessage: withoutText(payload.lastMessage) };
    case OP_CODES["thread.set"]:
      return { ...payload, title: null };
    case OP_CODES["thread.create"]:
      return erasedCreation(payload, messageId);
    default:
      return payload;
  }
}

function erasedCreation({ from, profile, ...rest }: Payload, messageId = ""): object {
  const lastMessage =
    from?.lastMessage?.id === messageId ? withoutText(from.lastMessage) : from?.lastMessage;
  return {
    ...rest,
    ...(profile && { profile: withErasedTitle(profile, messageId) }),
    ...(from && { from: { ...from, lastMessage } }),
  };
}

function withoutText(quoted: LastMessage | null | undefined): LastMessage | null {
  return quoted ? { ...quoted, text: "" } : null;
}

function bodyVersionOf(connection: Connection, { tid, version }: MessageRow): number | null {
  const row = connection
    .statement("SELECT body FROM skein_entry WHERE tid = ? AND version = ?")
    .row(tid, version);
  return row === undefined ? null : numberOrNullAt(row, 0);
}

/** Annotations, and moves of a branch that quote the message as its last one. */
function eraseMentions(connection: Connection, tenant: string, messageId: string): void {
  // The condition repeats that of the index.
  const mentions = connection
    .statement(
      `SELECT e.tid, e.version FROM skein_entry e JOIN skein_thread t ON t.tid = e.tid
       WHERE e.op IN (2, 25, 31) AND e.mid IS NOT NULL AND e.mid = ? AND t.tenant = ?`,
    )
    .rows(messageId, tenant);
  for (const row of mentions) erasePayload(connection, numberAt(row, 0), numberAt(row, 1));
}

/** The first entry of a fork quotes the message that the fork started behind. */
function eraseQuotation(connection: Connection, fork: number, messageId: string): void {
  const row = connection
    .statement("SELECT payload FROM skein_entry WHERE tid = ? AND version = 1")
    .row(fork);
  const { from, profile } = parseStored<Payload>((row && textOrNullAt(row, 0)) ?? "{}");
  if (from?.lastMessage?.id === messageId || profile?.titleOf === messageId)
    erasePayload(connection, fork, 1, messageId);
}

/** Forks that include the message. */
function forksWith(connection: Connection, { tid, seg, pos }: MessageRow): readonly number[] {
  return connection
    .statement("SELECT tid FROM skein_inclusion WHERE origin_tid = ? AND seg = ? AND up_to >= ?")
    .rows(tid, seg, pos)
    .map((row) => numberAt(row, 0));
}

/** A head that quotes the message as its last one. */
function erasePreview(connection: Connection, tid: number, messageId: string): void {
  const row = connection.statement("SELECT hot FROM skein_head WHERE tid = ?").row(tid);
  if (row === undefined) return;
  const hot = parseStored<Partial<ThreadActivity>>(textAt(row, 0));
  if (hot.lastMessage?.id !== messageId) return;
  const lastMessage = { ...hot.lastMessage, text: "" };
  connection
    .statement("UPDATE skein_head SET hot = ? WHERE tid = ?")
    .run(JSON.stringify({ ...hot, lastMessage }), tid);
}

/** A title that was made of the message. */
function eraseTitle(connection: Connection, tid: number, messageId: string): void {
  const row = connection.statement("SELECT profile FROM skein_thread WHERE tid = ?").row(tid);
  if (row === undefined) return;
  const profile = parseStored<ThreadProfile>(textAt(row, 0));
  if (profile.titleOf !== messageId) return;
  const erasedProfile = withErasedTitle(profile, messageId);
  connection
    .statement("UPDATE skein_thread SET title = NULL, profile = ? WHERE tid = ?")
    .run(JSON.stringify(erasedProfile), tid);
}
