import { basename } from "node:path";
import type { Skein } from "../agents/skein.ts";
import type { FilePart } from "../model/part.ts";
import { bytesOf, mediaTypeOf } from "./input.ts";

/** Keeps a file's bytes in the store and answers with the part that names them. */
export async function attach(skein: Skein, path: string): Promise<FilePart> {
  const mediaType = mediaTypeOf(path);
  const { sha256, sizeBytes } = await skein.putBlob(await bytesOf(path), mediaType);
  return {
    type: "file",
    mediaType,
    filename: basename(path),
    source: { kind: "blob", sha256, sizeBytes },
  };
}
