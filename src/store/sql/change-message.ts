import { mergePatch } from "../../model/apply.ts";
import type { JsonObject } from "../../model/json.ts";
import { numberAt, parseStored, textOrNullAt } from "./cell.ts";
import { OP_CODES } from "./codes.ts";
import { findMessage } from "./find-message.ts";
import { messageOfRow } from "./message-row.ts";
import { change, row } from "./plan.ts";
import type { Plan } from "./plan.ts";
import type { MessageChange } from "./records.ts";
import { erasePayload } from "./redact.ts";

/** Ties the final content to the message that was opened for it; its chunks have served. */
export function* bringCommit(tid: number, { messageId, version }: MessageChange): Plan<void> {
  const opened = yield* row(
    `SELECT version, payload FROM skein_entry
     WHERE tid = ? AND mid = ? AND op = ${OP_CODES["message.open"]} AND body IS NULL`,
    tid,
    messageId,
  );
  if (opened !== undefined) {
    yield* setBody(tid, numberAt(opened, 0), version);
    // Redacted while it was written: what came afterwards is erased as well.
    if (isErased(textOrNullAt(opened, 1))) yield* erasePayload(tid, version);
  }
  yield* change("DELETE FROM skein_chunk WHERE tid = ? AND mid = ?", tid, messageId);
}

/** Gives a queued message its place, or takes it away for good. */
export function* bringDequeue(
  tenant: string,
  tid: number,
  { messageId, version }: MessageChange,
): Plan<void> {
  const queued = yield* findMessage(tid, messageId);
  if (queued === undefined) return;
  const enqueued = yield* row(
    "SELECT role, given, notes FROM skein_entry WHERE tid = ? AND version = ?",
    tid,
    queued.version,
  );
  const [role = null, given = null, notes = null] = enqueued ?? [];
  const placed = yield* change(
    `UPDATE skein_entry SET body = ?, role = ?, given = ?, notes = ?
     WHERE tid = ? AND version = ? AND pos IS NOT NULL`,
    queued.version,
    role,
    given,
    notes,
    tid,
    version,
  );
  // A discarded message's row names itself.
  yield* setBody(tid, queued.version, placed === 0 ? queued.version : version);
  if (placed === 0 || given === null) return;
  yield* change(
    "UPDATE skein_given_id SET place = ? WHERE tenant = ? AND id = ? AND tid = ?",
    version,
    tenant,
    messageId,
    tid,
  );
}

/** Merges notes into the message's metadata as it is read from now on. */
export function* annotateMessage(
  tid: number,
  { messageId, version, values = "{}" }: MessageChange,
): Plan<void> {
  const found = yield* findMessage(tid, messageId);
  if (found === undefined) return;
  const { metadata = {}, redacted } = messageOfRow(found.row, "", null, null);
  if (redacted === true) {
    yield* erasePayload(tid, version);
    return;
  }
  yield* change(
    "UPDATE skein_entry SET notes = ? WHERE tid = ? AND version = ?",
    JSON.stringify(mergePatch(metadata, parseStored<JsonObject>(values))),
    found.tid,
    found.version,
  );
}

/** An entry that repeats what a message said, unless that is redacted. */
export function* quoteMessage(tid: number, { messageId, version }: MessageChange): Plan<void> {
  const found = yield* findMessage(tid, messageId);
  if (found === undefined || messageOfRow(found.row, "", null, null).redacted !== true) return;
  yield* erasePayload(tid, version);
}

function* setBody(tid: number, version: number, body: number): Plan<void> {
  yield* change(
    "UPDATE skein_entry SET body = ? WHERE tid = ? AND version = ?",
    body,
    tid,
    version,
  );
}

function isErased(payload: string | null): boolean {
  return payload !== null && parseStored<{ redacted?: true }>(payload).redacted === true;
}
