import type { Chunk } from "../chunk.ts";
import type { ThreadKey } from "../key.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { parse } from "./decode-entry.ts";
import { nameOf, tenantKeys } from "./names.ts";
import { listOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

export async function appendChunks(
  { connection, place }: Backend,
  { tenant, id }: ThreadKey,
  chunks: readonly Chunk[],
): Promise<void> {
  if (chunks.length === 0) return;
  const encoded = chunks.flatMap((chunk) => [nameOf(chunk.messageId), JSON.stringify(chunk)]);
  await connection.run(SCRIPTS.appendChunks, tenantKeys(place.prefix, tenant), (isRepeated) => [
    nameOf(id),
    isRepeated ? "1" : "0",
    String(chunks.length),
    ...encoded,
  ]);
}

export async function listChunks(
  backend: Backend,
  { tenant, id }: ThreadKey,
  messageId: string,
): Promise<readonly Chunk[]> {
  const args = [nameOf(id), nameOf(messageId)];
  const found = listOf(await runFor(backend, tenant, SCRIPTS.listChunks, ...args));
  return found.map((chunk) => parse<Chunk>(textOf(chunk)));
}
