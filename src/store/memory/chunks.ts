import type { Chunk } from "../chunk.ts";
import { frozenCopy } from "./frozen-copy.ts";
import type { StoredThread } from "./memory-data.ts";

export function appendChunks(thread: StoredThread | undefined, chunks: readonly Chunk[]): void {
  if (thread === undefined) return;
  const open = new Set(thread.head.activity.open.map(({ messageId }) => messageId));
  for (const chunk of frozenCopy(chunks)) {
    if (!open.has(chunk.messageId)) continue;
    const stored = thread.chunks.get(chunk.messageId);
    if (stored === undefined) thread.chunks.set(chunk.messageId, [chunk]);
    else stored.push(chunk);
  }
}
