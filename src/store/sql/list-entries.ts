import type { Entry } from "../../model/entry.ts";
import { SkeinError } from "../../model/error.ts";
import { byteBound } from "../byte-bound.ts";
import type { ThreadKey } from "../key.ts";
import { numberAt, numberOrNullAt, textAt, textOrNullAt } from "./cell.ts";
import type { Cell, Row } from "./cell.ts";
import {
  ENTRY_TABLES,
  IN_LOG,
  MESSAGE_ID,
  OLDEST,
  OP_ID,
  PAYLOAD,
  POSITION,
  READ_COLUMNS,
  SEGMENT,
  TID,
  VERSION,
  decodeEntry,
  nameOfPlace,
} from "./decode-entry.ts";
import type { Dialect } from "./dialect.ts";
import { AS_BEFORE } from "./encode-entry.ts";
import { row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { THREAD_NUMBER } from "./thread-number.ts";

/** Refuses to leave out entries that are gone. */
function requireLog({ id }: ThreadKey, after: number, oldest: number): void {
  if (after > 0 && after < oldest - 1)
    throw new SkeinError("trimmed", `The log of thread ${id} begins at version ${oldest}.`, {
      field: "after",
      details: { oldest },
    });
}

/** Rows that are sized up at once for a page bounded by bytes. */
const SIZED_AT_ONCE = 256;

/** Entries of a thread behind a version, exactly as they were committed, but for redacted payloads. One statement,
 *  usually a second for what the first entry leaves out; each stands by itself.
 *  @param maxBytes  of payload; the first entry is answered whatever its size */
export function* listEntries(
  dialect: Dialect,
  key: ThreadKey,
  after: number,
  limit: number,
  maxBytes?: number,
): Plan<readonly Entry[]> {
  const found =
    maxBytes === undefined
      ? yield* entryRows(key, after, limit)
      : yield* rowsWithin(dialect, key, after, limit, maxBytes);
  const first = found[0];
  if (first === undefined) return [];
  requireLog(key, after, numberOrNullAt(first, OLDEST) ?? 1);
  const messages = yield* messagesOf(found);
  let opId = first[OP_ID] === AS_BEFORE ? yield* opIdBefore(first) : null;
  return found.map((it) => {
    if (it[OP_ID] !== AS_BEFORE) opId = it[OP_ID] ?? it[MESSAGE_ID] ?? null;
    return decodeEntry(it, key.id, String(opId), messages);
  });
}

function entryRows({ tenant, id }: ThreadKey, after: number, limit: number): Plan<readonly Row[]> {
  return rows(
    `SELECT ${READ_COLUMNS} FROM ${ENTRY_TABLES} WHERE ${BEHIND} ORDER BY e.version LIMIT ?`,
    tenant,
    id,
    after,
    limit,
  );
}

const BEHIND = `e.tid = ${THREAD_NUMBER} AND e.version > ? AND ${IN_LOG}`;

/** A page that ends before its payloads exceed the bound. */
function* rowsWithin(
  dialect: Dialect,
  key: ThreadKey,
  after: number,
  limit: number,
  maxBytes: number,
): Plan<readonly Row[]> {
  const fits = byteBound(maxBytes);
  const page: Row[] = [];
  let last = after;
  let bytes = 0;
  while (page.length < limit) {
    const asked = Math.min(SIZED_AT_ONCE, limit - page.length);
    const left = Math.max(0, maxBytes - bytes);
    const found =
      (yield* rowsIfFitting(dialect, key, last, asked, left)) ??
      (yield* fittingRows(dialect, key, last, asked, left));
    for (const it of found) {
      const payload = textOrNullAt(it, PAYLOAD) ?? "";
      if (!fits(payload)) return page;
      bytes += Buffer.byteLength(payload);
      page.push(it);
    }
    if (found.length < asked) break;
    last = numberAt(found.at(-1) ?? [], VERSION);
  }
  return page;
}

/** Sizes are read off the rows' heads, which is cheaper than the rows. */
function sizesOf(dialect: Dialect): string {
  return `SELECT e.version, coalesce(${dialect.bytesOf("e.payload")}, 0) AS size
    FROM skein_entry e JOIN skein_thread home ON home.tid = e.tid
    WHERE ${BEHIND} ORDER BY e.version LIMIT ?`;
}

/** The usual page, which fits as a whole; `undefined` for another one, of which no payload is read. */
function* rowsIfFitting(
  dialect: Dialect,
  { tenant, id }: ThreadKey,
  after: number,
  limit: number,
  maxBytes: number,
): Plan<readonly Row[] | undefined> {
  const total = `(SELECT sum(q.size) FROM (${sizesOf(dialect)}) q)`;
  const columns = READ_COLUMNS.replace(
    "e.payload",
    `CASE WHEN ${total} <= ? THEN e.payload ELSE '${NOT_READ}' END`,
  );
  const found = yield* rows(
    `SELECT ${columns} FROM ${ENTRY_TABLES} WHERE ${BEHIND} ORDER BY e.version LIMIT ?`,
    tenant,
    id,
    after,
    limit,
    maxBytes,
    tenant,
    id,
    after,
    limit,
  );
  return found[0]?.[PAYLOAD] === NOT_READ ? undefined : found;
}

// No JSON is empty.
const NOT_READ = "";

/** What fits, and the first row that does not. */
function fittingRows(
  dialect: Dialect,
  { tenant, id }: ThreadKey,
  after: number,
  limit: number,
  maxBytes: number,
): Plan<readonly Row[]> {
  return rows(
    `SELECT ${READ_COLUMNS} FROM ${ENTRY_TABLES}
     WHERE ${BEHIND} AND e.version <= (SELECT max(z.version) FROM (
       SELECT q.version, q.size, sum(q.size) OVER (ORDER BY q.version) AS total
       FROM (${sizesOf(dialect)}) q) z
       WHERE z.total - z.size <= ?)
     ORDER BY e.version`,
    tenant,
    id,
    after,
    tenant,
    id,
    after,
    limit,
    maxBytes,
  );
}

/** Ids of messages by place: those of the page, and those right before one of the page. */
function* messagesOf(found: readonly Row[]): Plan<ReadonlyMap<string, string>> {
  const messages = new Map<string, string>();
  const placed = found.filter((it) => it[POSITION] !== null && it[SEGMENT] !== null);
  for (const it of placed)
    messages.set(
      nameOfPlace(numberAt(it, SEGMENT), numberAt(it, POSITION)),
      textAt(it, MESSAGE_ID),
    );
  const missing: Cell[][] = [];
  for (const it of placed) {
    const [segment, position] = [numberAt(it, SEGMENT), numberAt(it, POSITION) - 1];
    if (position > 0 && !messages.has(nameOfPlace(segment, position)))
      missing.push([numberAt(it, TID), segment, position]);
  }
  const last = missing.at(-1);
  if (last === undefined) return messages;
  // Few texts to prepare: filled up to 1, 2, 4, … places.
  while ((missing.length & (missing.length - 1)) !== 0) missing.push(last);
  const places = missing.map(() => "(tid = ? AND seg = ? AND pos = ?)").join(" OR ");
  for (const it of yield* rows(
    `SELECT seg, pos, mid FROM skein_entry WHERE ${places}`,
    ...missing.flat(),
  ))
    messages.set(nameOfPlace(numberAt(it, 0), numberAt(it, 1)), textAt(it, 2));
  return messages;
}

/** An op id that is "as before" at the start of a page. */
function* opIdBefore(first: Row): Plan<Cell> {
  const found = yield* row(
    `SELECT op_id, mid FROM skein_entry
     WHERE tid = ? AND version < ? AND (op_id IS NULL OR op_id <> '${AS_BEFORE}')
     ORDER BY version DESC LIMIT 1`,
    numberAt(first, TID),
    numberAt(first, VERSION),
  );
  return found?.[0] ?? found?.[1] ?? null;
}
