import { SkeinError } from "../../model/error.ts";
import type { Op } from "../../model/entry.ts";
import { threadOf } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { FeedEvent, FeedEventType, FeedPage, FeedQuery } from "../query.ts";
import type { ThreadWrite } from "../store.ts";
import { canSee } from "./access.ts";
import { threadAt } from "./memory-data.ts";
import type { MemoryData } from "./memory-data.ts";

const TYPES: Partial<Record<Op, FeedEventType>> = {
  "thread.create": "created",
  "thread.archive": "archived",
  "thread.unarchive": "unarchived",
  "thread.delete": "deleted",
  "thread.undelete": "undeleted",
};

/** One event per change of a thread's life, and one `updated` for whatever else the write has at its end. */
export function recordFeed(data: MemoryData, { key, entries }: ThreadWrite): void {
  let since = (entries[0]?.version ?? 1) - 1;
  for (const [index, { op, version }] of entries.entries()) {
    const type = TYPES[op] ?? (index === entries.length - 1 ? "updated" : undefined);
    if (type === undefined) continue;
    data.feed.push({ key, type, version, since });
    since = version;
  }
}

export function listFeed(data: MemoryData, reader: Reader, { after, limit }: FeedQuery): FeedPage {
  const events: FeedEvent[] = [];
  let position = after === null ? 0 : parseCursor(data, after);
  while (position < data.feed.length && events.length < limit) {
    const record = data.feed[position];
    position += 1;
    if (record === undefined || record.key.tenant !== reader.tenant) continue;
    const thread = threadAt(data, record.key);
    if (thread === undefined || !canSee(reader, thread.head)) continue;
    const { type, version, since, key } = record;
    const cursor = formatCursor(data, position);
    const place = { cursor, type, threadId: key.id, version, since };
    events.push({ ...place, thread: threadOf(thread.head) });
  }
  return {
    events,
    cursor: formatCursor(data, position),
    isAtEnd: position === data.feed.length,
  };
}

export function feedEnd(data: MemoryData): string {
  return formatCursor(data, data.feed.length);
}

function formatCursor({ storeId }: MemoryData, position: number): string {
  return `${storeId}.${position}`;
}

function parseCursor({ storeId, feed }: MemoryData, cursor: string): number {
  const [id, position = "", ...rest] = cursor.split(".");
  const isOurs = id === storeId && rest.length === 0 && /^\d{1,15}$/u.test(position);
  if (!isOurs || Number(position) > feed.length)
    throw new SkeinError("invalid_cursor", "The cursor is not one of this store's feed.", {
      field: "after",
    });
  return Number(position);
}
