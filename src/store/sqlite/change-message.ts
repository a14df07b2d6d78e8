import { mergePatch } from "../../model/apply.ts";
import type { JsonObject } from "../../model/json.ts";
import { numberAt, parseStored } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import { findMessage } from "./find-message.ts";
import { messageOfRow } from "../sql/message-row.ts";
import { erasePayload } from "./redact.ts";
import type { MessageChange } from "../sql/records.ts";

/** Ties the final content to the message that was opened for it; its chunks have served. */
export function bringCommit(
  connection: Connection,
  tid: number,
  { messageId, version }: MessageChange,
): void {
  const opened = connection
    .statement(
      "SELECT version, payload FROM skein_entry WHERE tid = ? AND mid = ? AND op = 21 AND body IS NULL",
    )
    .row(tid, messageId);
  if (opened !== undefined) {
    connection
      .statement("UPDATE skein_entry SET body = ? WHERE tid = ? AND version = ?")
      .run(version, tid, numberAt(opened, 0));
    // Redacted while it was written: what came afterwards is erased as well.
    if (isErased(opened[1])) erasePayload(connection, tid, version);
  }
  connection.statement("DELETE FROM skein_chunk WHERE tid = ? AND mid = ?").run(tid, messageId);
}

/** Gives a queued message its place, or takes it away for good. */
export function bringDequeue(
  connection: Connection,
  tenant: string,
  tid: number,
  { messageId, version }: MessageChange,
): void {
  const queued = findMessage(connection, tenant, tid, messageId);
  if (queued === undefined) return;
  const isPlaced = connection
    .statement(
      `UPDATE skein_entry SET body = ?3, (role, given, notes) =
         (SELECT q.role, q.given, q.notes FROM skein_entry q WHERE q.tid = ?1 AND q.version = ?3)
       WHERE tid = ?1 AND version = ?2 AND pos IS NOT NULL`,
    )
    .run(tid, version, queued.version);
  // A discarded message's row names itself.
  connection
    .statement("UPDATE skein_entry SET body = ? WHERE tid = ? AND version = ?")
    .run(isPlaced === 0 ? queued.version : version, tid, queued.version);
  if (isPlaced === 0) return;
  connection
    .statement("UPDATE skein_given_id SET place = ? WHERE tenant = ? AND id = ? AND tid = ?")
    .run(version, tenant, messageId, tid);
}

/** Merges notes into the message's metadata as it is read from now on. */
export function annotateMessage(
  connection: Connection,
  tenant: string,
  tid: number,
  { messageId, version, values = "{}" }: MessageChange,
): void {
  const found = findMessage(connection, tenant, tid, messageId);
  if (found === undefined) return;
  const { metadata = {}, redacted } = messageOfRow(found.row, "", null, null);
  if (redacted === true) {
    erasePayload(connection, tid, version);
    return;
  }
  connection
    .statement("UPDATE skein_entry SET notes = ? WHERE tid = ? AND version = ?")
    .run(
      JSON.stringify(mergePatch(metadata, parseStored<JsonObject>(values))),
      found.tid,
      found.version,
    );
}

function isErased(payload: unknown): boolean {
  return typeof payload === "string" && parseStored<{ redacted?: true }>(payload).redacted === true;
}
