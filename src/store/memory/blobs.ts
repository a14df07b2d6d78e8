import { blobsOfRecord } from "../../model/file-change.ts";
import type { Message } from "../../model/message.ts";
import type { BlobInfo } from "../blob.ts";
import type { Reader } from "../key.ts";
import { canSee } from "./access.ts";
import type { StoredThread, Tenant } from "./memory-data.ts";
import { includedMessages, ownMessages } from "./path.ts";

const UPLOAD_READABLE_MS = 24 * 3_600_000;

export function putBlob(tenant: Tenant, reader: Reader, info: BlobInfo, bytes: Uint8Array): void {
  let blob = tenant.blobs.get(info.sha256);
  if (blob === undefined) {
    blob = { info: Object.freeze({ ...info }), bytes: bytes.slice(), uploads: new Map() };
    tenant.blobs.set(info.sha256, blob);
  }
  blob.uploads.set(reader.user, Date.now());
}

export function loadBlob(
  tenant: Tenant,
  reader: Reader,
  sha256: string,
  now: number,
): { readonly info: BlobInfo; readonly bytes: Uint8Array } | null {
  const blob = tenant.blobs.get(sha256);
  if (blob === undefined) return null;
  const isReadable =
    isFresh(blob.uploads.get(reader.user), now) ||
    [...tenant.threads.values()].some(
      (thread) => canSee(reader, thread.head) && refersTo(tenant, thread, sha256),
    );
  return isReadable ? { info: blob.info, bytes: blob.bytes.slice() } : null;
}

/** Forgets the bytes that nobody can ask for any more. */
export function removeUnreferencedBlobs(tenant: Tenant): void {
  const threads = [...tenant.threads.values()];
  for (const [sha256, { uploads }] of tenant.blobs) {
    const isFreshUpload = [...uploads.values()].some((at) => isFresh(at, Date.now()));
    if (!isFreshUpload && !threads.some((thread) => refersTo(tenant, thread, sha256)))
      tenant.blobs.delete(sha256);
  }
}

function isFresh(uploadedAt: number | undefined, now: number): boolean {
  return uploadedAt !== undefined && now - uploadedAt < UPLOAD_READABLE_MS;
}

function refersTo(tenant: Tenant, thread: StoredThread, sha256: string): boolean {
  const isInLog = thread.entries.some(
    (entry) =>
      (entry.op === "file.change" || entry.op === "file.rollback") &&
      blobsOfRecord(entry.data).includes(sha256),
  );
  if (isInLog) return true;
  return [...ownMessages(thread), ...includedMessages(tenant, thread)].some(({ message }) =>
    hasBlob(message, sha256),
  );
}

function hasBlob({ parts }: Message, sha256: string): boolean {
  return parts.some(
    (part) => part.type === "file" && part.source.kind === "blob" && part.source.sha256 === sha256,
  );
}
