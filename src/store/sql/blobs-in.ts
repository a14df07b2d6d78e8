import type { Part } from "../../model/part.ts";
import type { RareRecord } from "./records.ts";

/** The blobs that a message refers to. */
export function blobsIn(parts: readonly Part[], messageId: string): RareRecord["blobs"] {
  return parts.flatMap((part) =>
    part.type === "file" && part.source.kind === "blob"
      ? [[part.source.sha256, messageId] as const]
      : [],
  );
}
