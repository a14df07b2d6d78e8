import type { BlobInfo } from "../blob.ts";
import type { Reader } from "../key.ts";
import { bytesAt, numberAt, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import { findMessage } from "./find-message.ts";
import { visibleTo } from "./load-heads.ts";

const UPLOAD_READABLE_MS = 24 * 3_600_000;

/** An upload with all rights has no user. No user has an empty name. */
const uploaderOf = ({ user }: Reader): string => user ?? "";

export function putBlob(
  connection: Connection,
  reader: Reader,
  { sha256, sizeBytes, mediaType }: BlobInfo,
  bytes: Uint8Array,
  now: number,
): void {
  const { tenant } = reader;
  connection
    .statement(
      "INSERT OR IGNORE INTO skein_blob (tenant, sha256, size, media_type, bytes) VALUES (?, ?, ?, ?, ?)",
    )
    .run(tenant, sha256, sizeBytes, mediaType, bytes);
  connection
    .statement(
      "INSERT OR REPLACE INTO skein_blob_upload (tenant, sha256, user_id, at) VALUES (?, ?, ?, ?)",
    )
    .run(tenant, sha256, uploaderOf(reader), now);
}

export function loadBlob(
  connection: Connection,
  reader: Reader,
  sha256: string,
  now: number,
): { readonly info: BlobInfo; readonly bytes: Uint8Array } | null {
  if (!isUploader(connection, reader, sha256, now) && !isShown(connection, reader, sha256))
    return null;
  const row = connection
    .statement("SELECT size, media_type, bytes FROM skein_blob WHERE tenant = ? AND sha256 = ?")
    .row(reader.tenant, sha256);
  if (row === undefined) return null;
  const info = { sha256, sizeBytes: numberAt(row, 0), mediaType: textAt(row, 1) };
  return { info, bytes: bytesAt(row, 2) };
}

function isUploader(connection: Connection, reader: Reader, sha256: string, now: number): boolean {
  return (
    connection
      .statement(
        "SELECT 1 FROM skein_blob_upload WHERE tenant = ? AND sha256 = ? AND user_id = ? AND at > ?",
      )
      .row(reader.tenant, sha256, uploaderOf(reader), now - UPLOAD_READABLE_MS) !== undefined
  );
}

/** Whether a thread that the reader may see has a message with the blob, of its own or included from another thread. */
function isShown(connection: Connection, { tenant, user }: Reader, sha256: string): boolean {
  const references = connection
    .statement("SELECT tid, mid FROM skein_blob_ref WHERE tenant = ? AND sha256 = ?")
    .rows(tenant, sha256);
  return references.some((row) => {
    const home = numberAt(row, 0);
    if (isVisible(connection, home, user)) return true;
    const found = findMessage(connection, tenant, home, textAt(row, 1));
    if (found === undefined || found.seg === null || found.pos === null) return false;
    return connection
      .statement("SELECT tid FROM skein_inclusion WHERE origin_tid = ? AND seg = ? AND up_to >= ?")
      .rows(home, found.seg, found.pos)
      .some((fork) => isVisible(connection, numberAt(fork, 0), user));
  });
}

function isVisible(connection: Connection, tid: number, user: string | null): boolean {
  return (
    connection
      .statement(`SELECT 1 FROM skein_thread t WHERE t.tid = ?1 AND ${visibleTo("?2")}`)
      .row(tid, user) !== undefined
  );
}

/** Forgets that messages use blobs, and the bytes that nothing uses any more. */
export function dropBlobReferences(
  connection: Connection,
  tenant: string,
  tid: number,
  messageIds: readonly string[],
): void {
  for (const messageId of messageIds)
    for (const row of connection
      .statement("SELECT sha256 FROM skein_blob_ref WHERE tid = ? AND mid = ?")
      .rows(tid, messageId)) {
      const sha256 = textAt(row, 0);
      connection
        .statement(
          "DELETE FROM skein_blob_ref WHERE tenant = ? AND sha256 = ? AND tid = ? AND mid = ?",
        )
        .run(tenant, sha256, tid, messageId);
      connection
        .statement(`DELETE FROM skein_blob WHERE tenant = ?1 AND sha256 = ?2 AND ${IS_UNUSED}`)
        .run(tenant, sha256);
    }
}

const IS_UNUSED = `
  NOT EXISTS (SELECT 1 FROM skein_blob_ref r WHERE r.tenant = skein_blob.tenant AND r.sha256 = skein_blob.sha256)
  AND NOT EXISTS (SELECT 1 FROM skein_blob_upload u WHERE u.tenant = skein_blob.tenant AND u.sha256 = skein_blob.sha256)`;

/** Removes uploads that no message has used within 24 h. */
export function removeUnusedBlobs(connection: Connection, now: number): void {
  const forgotten = connection
    .statement("DELETE FROM skein_blob_upload WHERE at <= ?")
    .run(now - UPLOAD_READABLE_MS);
  if (forgotten > 0) connection.statement(`DELETE FROM skein_blob WHERE ${IS_UNUSED}`).run();
}
