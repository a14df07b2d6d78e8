import { hash } from "node:crypto";
import { checkLine } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { LIMITS } from "../model/limits.ts";
import type { Principal } from "../model/principal.ts";
import type { BlobInfo } from "../store/blob.ts";
import { principalOf } from "./core.ts";
import type { Core } from "./core.ts";
import type { CallOptions } from "./engine.ts";
import { requireRead } from "./threads.ts";

export async function putBlob(
  core: Core,
  base: Principal,
  bytes: Uint8Array,
  mediaType: string,
  options?: CallOptions,
): Promise<BlobInfo> {
  const principal = principalOf(base, options);
  if (!principal.scopes.includes("write"))
    throw new SkeinError("forbidden", "This key may only read.");
  checkLine(mediaType, "media_type", 256);
  if (bytes.byteLength > LIMITS.blobBytes)
    throw new SkeinError("body_too_large", `A blob has at most ${LIMITS.blobBytes} bytes.`, {
      details: { limit: LIMITS.blobBytes },
    });
  const info = { sha256: hash("sha256", bytes), sizeBytes: bytes.byteLength, mediaType };
  await core.store.putBlob(principal, info, bytes);
  return info;
}

export async function getBlob(
  core: Core,
  base: Principal,
  sha256: string,
  options?: CallOptions,
): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array }> {
  const principal = principalOf(base, options);
  requireRead(principal);
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new SkeinError("invalid_id", "sha256 must be 64 lower-case hex digits.", {
      field: "sha256",
    });
  const found = await core.store.loadBlob(principal, sha256, core.clock());
  if (found === null)
    throw new SkeinError("blob_not_found", `There is no blob ${sha256} that you may read.`);
  return found;
}
