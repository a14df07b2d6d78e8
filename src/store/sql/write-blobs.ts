import type { BlobInfo } from "../blob.ts";
import type { Reader } from "../key.ts";
import { textAt } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { insertRows } from "./insert-rows.ts";
import type { Target } from "./insert-rows.ts";
import { listOf } from "./list-of.ts";
import { change, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

export const UPLOAD_READABLE_MS: number = 24 * 3_600_000;

/** An upload with all rights has no user. No user has an empty name. */
export const uploaderOf = ({ user }: Reader): string => user ?? "";

const BLOBS: Target = {
  table: "skein_blob",
  columns: ["tenant", "sha256", "size", "media_type", "bytes"],
  key: ["tenant", "sha256"],
  replaces: [],
};

const UPLOADS: Target = {
  table: "skein_blob_upload",
  columns: ["tenant", "sha256", "user_id", "at"],
  key: ["tenant", "sha256", "user_id"],
};

const REFERENCES: Target = {
  table: "skein_blob_ref",
  columns: ["tenant", "sha256", "tid", "mid"],
  key: ["tenant", "sha256", "tid", "mid"],
};

/** The upload comes first, so that whoever removes what is unused meanwhile sees that somebody uses it. */
export function* putBlob(
  dialect: Dialect,
  reader: Reader,
  { sha256, sizeBytes, mediaType }: BlobInfo,
  bytes: Uint8Array,
  now: number,
): Plan<void> {
  const { tenant } = reader;
  yield* insertRows(dialect, UPLOADS, [[tenant, sha256, uploaderOf(reader), now]]);
  yield* insertRows(dialect, BLOBS, [[tenant, sha256, sizeBytes, mediaType, bytes]]);
}

/** Notes that messages of a thread use blobs. */
export function addBlobReferences(
  dialect: Dialect,
  tenant: string,
  tid: number,
  blobs: readonly (readonly [sha256: string, messageId: string])[],
): Plan<void> {
  return insertRows(
    dialect,
    REFERENCES,
    blobs.map(([sha256, messageId]) => [tenant, sha256, tid, messageId]),
  );
}

const AT_ONCE = 256;

/** Forgets that messages use blobs, and the bytes that nothing uses any more. */
export function* dropBlobReferences(
  tenant: string,
  tid: number,
  messageIds: readonly string[],
): Plan<void> {
  for (let at = 0; at < messageIds.length; at += AT_ONCE) {
    const messages = listOf(messageIds.slice(at, at + AT_ONCE));
    const used = yield* rows(
      `SELECT DISTINCT sha256 FROM skein_blob_ref WHERE tid = ? AND mid IN ${messages.sql}`,
      tid,
      ...messages.parameters,
    );
    if (used.length === 0) continue;
    yield* change(
      `DELETE FROM skein_blob_ref WHERE tid = ? AND mid IN ${messages.sql}`,
      tid,
      ...messages.parameters,
    );
    const blobs = listOf(used.map((found) => textAt(found, 0)));
    yield* change(
      `DELETE FROM skein_blob WHERE tenant = ? AND sha256 IN ${blobs.sql} AND ${IS_UNUSED}`,
      tenant,
      ...blobs.parameters,
    );
  }
}

const IS_UNUSED = `
  NOT EXISTS (SELECT 1 FROM skein_blob_ref r WHERE r.tenant = skein_blob.tenant AND r.sha256 = skein_blob.sha256)
  AND NOT EXISTS (SELECT 1 FROM skein_blob_upload u WHERE u.tenant = skein_blob.tenant AND u.sha256 = skein_blob.sha256)`;

/** Removes uploads that no message has used within 24 h. */
export function* removeUnusedBlobs(now: number): Plan<void> {
  const forgotten = yield* change(
    "DELETE FROM skein_blob_upload WHERE at <= ?",
    now - UPLOAD_READABLE_MS,
  );
  if (forgotten > 0) yield* change(`DELETE FROM skein_blob WHERE ${IS_UNUSED}`);
}
