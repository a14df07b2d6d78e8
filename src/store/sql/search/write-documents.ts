import { numberAt, numberOrNullAt, textAt, textOrNullAt } from "../cell.ts";
import type { Row } from "../cell.ts";
import { OP_CODES } from "../codes.ts";
import type { Dialect } from "../dialect.ts";
import { insertRows } from "../insert-rows.ts";
import { listOf } from "../list-of.ts";
import type { Fragment } from "../list-of.ts";
import { change, rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { textOfPayload } from "../text-of-payload.ts";
import { blockMark, blockOf, ownerScope, tenantScope, threadScope } from "./marks.ts";
import { pairsOf } from "./pairs-of.ts";
import type { SearchDialect, SearchDocument } from "./search-dialect.ts";

/** An entry that gave a message its place, or brought a title. */
export type DocumentKey = readonly [tid: number, version: number];

/** A message by the tenant that has it. */
export type MessageName = readonly [tenant: string, messageId: string];

const AT_ONCE = 256;

/** Puts messages into the index whose places are in a stretch of the log.
 *  @param stretch  the condition for an entry `e` */
export function* writePlaced(
  dialect: Dialect,
  search: SearchDialect,
  stretch: Fragment,
): Plan<void> {
  const found = yield* rows(
    `${selectFrom(`skein_entry e ${dialect.orderedJoin} skein_thread t ON t.tid = e.tid`)}
     WHERE ${stretch.sql} AND e.pos IS NOT NULL
       AND e.op IN (${OP_CODES["message.append"]}, ${OP_CODES["message.dequeue"]})`,
    ...stretch.parameters,
  );
  yield* putDocuments(
    dialect,
    search,
    found.map((row) => documentOf(search, row)),
  );
}

/** Puts messages into the index as they are now; what has no text any more goes. Others with the same ids are put there
 *  anew. Answers the threads that wrote them. */
export function* writeNamed(
  dialect: Dialect,
  search: SearchDialect,
  messages: readonly MessageName[],
): Plan<readonly number[]> {
  const homes = new Set<number>();
  for (let at = 0; at < messages.length; at += AT_ONCE) {
    const some = messages.slice(at, at + AT_ONCE);
    const ids = listOf(some.map(([, id]) => id));
    const join = dialect.orderedJoin;
    const given = [...Map.groupBy(some, ([tenant]) => tenant)].map(([tenant, of]) => {
      const list = listOf(of.map(([, id]) => id));
      const home = `skein_given_id g ${join} skein_entry e ON e.tid = g.tid AND e.version = g.place
        ${join} skein_thread t ON t.tid = e.tid`;
      return {
        sql: `${selectFrom(home)} WHERE g.tenant = ? AND g.id IN ${list.sql} AND e.pos IS NOT NULL`,
        parameters: [tenant, ...list.parameters],
      };
    });
    const made = `${selectFrom(`skein_entry e ${join} skein_thread t ON t.tid = e.tid`)}
      WHERE e.mid IN ${ids.sql} AND e.role IS NOT NULL AND e.given IS NULL AND e.pos IS NOT NULL`;
    const found = yield* rows(
      [made, ...given.map(({ sql }) => sql)].join(" UNION ALL "),
      ...ids.parameters,
      ...given.flatMap(({ parameters }) => parameters),
    );
    const documents = found.map((row) => documentOf(search, row));
    for (const { tid } of documents) homes.add(tid);
    const silent = yield* putDocuments(dialect, search, documents);
    yield* removeDocuments(silent);
  }
  return [...homes];
}

/** Puts documents in the place of what the index has of them. Answers those without words, of which it may have
 *  something. */
export function* putDocuments(
  dialect: Dialect,
  search: SearchDialect,
  documents: readonly SearchDocument[],
): Plan<readonly DocumentKey[]> {
  const silent: DocumentKey[] = [];
  const found: Row[] = [];
  for (const document of documents) {
    const pieces = search.rowsOf(document);
    if (pieces.length === 0) silent.push([document.tid, document.version]);
    for (const piece of pieces) found.push(piece);
  }
  yield* insertRows(dialect, search.documents, found);
  return silent;
}

export function* removeDocuments(keys: readonly DocumentKey[]): Plan<void> {
  if (keys.length === 0) return;
  const pairs = pairsOf(keys);
  yield* change(
    `DELETE FROM skein_document WHERE (tid, version) IN ${pairs.sql}`,
    ...pairs.parameters,
  );
}

/** What `documentOf` reads. An opened message has no text before its commit.
 *  @param tables  with the entry as `e` and its thread as `t` */
function selectFrom(tables: string): string {
  const isWritten = `e.op <> ${OP_CODES["message.open"]} OR e.body IS NOT NULL`;
  return `SELECT e.tid, e.version, e.lsn, t.tenant, t.owner, e.role,
      CASE WHEN ${isWritten} THEN coalesce(b.payload, e.payload) END
    FROM ${tables} LEFT JOIN skein_entry b ON b.tid = e.tid AND b.version = e.body`;
}

function documentOf(search: SearchDialect, row: Row): SearchDocument {
  const tid = numberAt(row, 0);
  const lsn = numberAt(row, 2);
  const marks = marksOf(search, tid, lsn, textAt(row, 3), textAt(row, 4));
  const role = numberOrNullAt(row, 5);
  const text = textOfPayload(textOrNullAt(row, 6));
  return { tid, version: numberAt(row, 1), lsn, role, text, marks };
}

export function marksOf(
  { marksTenants }: SearchDialect,
  tid: number,
  lsn: number,
  tenant: string,
  owner: string,
): readonly string[] {
  return [
    threadScope(tid),
    ownerScope(tenant, owner),
    ...(marksTenants ? [tenantScope(tenant)] : []),
    blockMark(blockOf(lsn)),
  ];
}
