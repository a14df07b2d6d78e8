import type { Reader } from "./key.ts";

export interface BlobInfo {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
}

/** Binary content, once per tenant and hash. */
export interface BlobStore {
  /** Stores bytes under their hash, which the caller has computed. Idempotent; a repetition renews the uploader's
   *  right to read for 24 h. */
  putBlob(reader: Reader, info: BlobInfo, bytes: Uint8Array): Promise<void>;
  /** The blob, if a thread that the reader may see refers to it, or the reader uploaded it within 24 h. */
  loadBlob(
    reader: Reader,
    sha256: string,
    now: number,
  ): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array } | null>;
}
