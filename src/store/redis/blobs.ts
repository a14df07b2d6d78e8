import type { BlobInfo } from "../blob.ts";
import type { Reader } from "../key.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { parse } from "./decode-entry.ts";
import { nameOf, tenantKeys, userOf } from "./names.ts";
import { bytesOf, listOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

export async function putBlob(
  backend: Backend,
  { tenant, user }: Reader,
  info: BlobInfo,
  bytes: Uint8Array,
): Promise<void> {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const args = [nameOf(info.sha256), JSON.stringify(info), content, userOf(user)];
  await runFor(backend, tenant, SCRIPTS.putBlob, ...args);
}

export async function loadBlob(
  { connection, place }: Backend,
  { tenant, user }: Reader,
  sha256: string,
  now: number,
): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array } | null> {
  const args = [nameOf(sha256), userOf(user), String(now)];
  const keys = tenantKeys(place.prefix, tenant);
  const found = await connection.run(SCRIPTS.loadBlob, keys, args, true);
  if (found === null) return null;
  const [info, bytes] = listOf(found);
  return { info: parse<BlobInfo>(textOf(info)), bytes: new Uint8Array(bytesOf(bytes)) };
}
