import { SkeinError } from "../../model/error.ts";
import { threadOf } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { FeedEvent, FeedPage, FeedQuery } from "../query.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { decodeHead } from "./decode-head.ts";
import { EVENT_TYPES } from "./encode-write.ts";
import { tenantKeys, userOf } from "./names.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

/** A page of the tenant's feed. Updates of a thread are told as one, at the place of the newest. */
export async function listFeed(
  backend: Backend,
  reader: Reader,
  { after, limit }: FeedQuery,
): Promise<FeedPage> {
  const position = after === null ? 0 : parseCursor(backend, after);
  const [newest, stopped, ...rows] = listOf(
    await runFor(
      backend,
      reader.tenant,
      SCRIPTS.feed,
      userOf(reader.user),
      String(position),
      String(limit),
    ),
  );
  if (stopped === undefined) throw invalidCursor();
  const isAtEnd = textOf(stopped) === "";
  return {
    events: rows.map((row) => eventOf(backend, row)),
    cursor: cursorAt(backend, textOf(isAtEnd ? newest : stopped)),
    isAtEnd,
  };
}

export async function feedEnd(backend: Backend, tenant: string): Promise<string> {
  const { connection, place } = backend;
  const newest = await connection.command("GET", `${tenantKeys(place.prefix, tenant)}seq`);
  return cursorAt(backend, newest === null ? "0" : textOf(newest));
}

function eventOf(backend: Backend, row: Reply): FeedEvent {
  const [position, type, version, fields] = listOf(row);
  const thread = threadOf(decodeHead(fields ?? null));
  return {
    cursor: cursorAt(backend, textOf(position)),
    type: EVENT_TYPES[textOf(type)] ?? "updated",
    threadId: thread.id,
    version: numberOf(version),
    thread,
  };
}

function cursorAt({ identity }: Backend, position: string): string {
  return `${identity().epoch}.${position}`;
}

function parseCursor({ identity }: Backend, cursor: string): number {
  const [epoch, position = "", ...rest] = cursor.split(".");
  const isOurs = epoch === identity().epoch && rest.length === 0 && /^\d{1,15}$/u.test(position);
  if (!isOurs) throw invalidCursor();
  return Number(position);
}

function invalidCursor(): SkeinError {
  return new SkeinError("invalid_cursor", "The cursor is not one of this store's feed.", {
    field: "after",
  });
}
