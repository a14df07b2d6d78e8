import { hash } from "node:crypto";
import { LIMITS } from "../model/limits.ts";
import type { FilePart } from "../model/part.ts";
import type { FoundFile } from "./conversation.ts";

/** The part for bytes that stand in a source as base64, which are kept in `files`; nothing for what is no base64 or too large. */
export function fileOfBase64(
  base64: string,
  mediaType: string,
  files: Map<string, FoundFile>,
): FilePart | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.byteLength > LIMITS.blobBytes) return undefined;
  const sha256 = hash("sha256", bytes);
  const sizeBytes = bytes.byteLength;
  const type = mediaTypeOf(mediaType);
  // Written anew: the export is checked for canonical base64.
  files.set(sha256, { sha256, sizeBytes, mediaType: type, base64: bytes.toString("base64") });
  return { type: "file", mediaType: type, source: { kind: "blob", sha256, sizeBytes } };
}

/** The part for an address: a `data:` one becomes a file. Nothing for what is neither that nor of the web. */
export function fileOfUrl(
  url: string,
  mediaType: string,
  files: Map<string, FoundFile>,
): FilePart | undefined {
  const [, type = "", base64 = ""] = /^data:([^;,]+)(?:;[^;,]+)*;base64,(.+)$/s.exec(url) ?? [];
  if (base64 !== "") return fileOfBase64(base64, type, files);
  if (!/^https?:\/\//i.test(url) || url.length > 65_536) return undefined;
  return { type: "file", mediaType: mediaTypeOf(mediaType), source: { kind: "url", url } };
}

function mediaTypeOf(given: string): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(given) ? given.slice(0, 256) : "application/octet-stream";
}
