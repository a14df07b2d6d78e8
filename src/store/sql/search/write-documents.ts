import { numberAt, numberOrNullAt, textAt, textOrNullAt } from "../cell.ts";
import type { Row } from "../cell.ts";
import { OP_CODES } from "../codes.ts";
import type { Dialect } from "../dialect.ts";
import { insertRows } from "../insert-rows.ts";
import { change, rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { textOfPayload } from "../text-of-payload.ts";
import { blockMark, blockOf, ownerScope, tenantScope, threadScope } from "./marks.ts";
import { pairsOf } from "./pairs-of.ts";
import type { SearchDialect, SearchDocument } from "./search-dialect.ts";

/** An entry that gave a message its place. */
export type DocumentKey = readonly [tid: number, version: number];

const AT_ONCE = 256;

/** Puts messages into the index as they are now, in place of what it had of them. What has no text any more goes. */
export function* writeDocuments(
  dialect: Dialect,
  search: SearchDialect,
  keys: readonly DocumentKey[],
): Plan<void> {
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE);
    const pairs = pairsOf(some);
    const found = yield* rows(
      `SELECT e.tid, e.version, e.lsn, t.tenant, t.owner,
         CASE WHEN e.pos IS NOT NULL AND (e.op <> ${OP_CODES["message.open"]} OR e.body IS NOT NULL)
           THEN coalesce(b.payload, e.payload) END,
         e.role
       FROM skein_entry e ${dialect.orderedJoin} skein_thread t ON t.tid = e.tid
       LEFT JOIN skein_entry b ON b.tid = e.tid AND b.version = e.body
       WHERE (e.tid, e.version) IN ${pairs.sql}`,
      ...pairs.parameters,
    );
    yield* removeDocuments(some);
    yield* addDocuments(dialect, search, found.map(documentOf));
  }
}

export function* addDocuments(
  dialect: Dialect,
  search: SearchDialect,
  documents: readonly SearchDocument[],
): Plan<void> {
  yield* insertRows(
    dialect,
    search.documents,
    documents.flatMap((document) => search.rowsOf(document)),
  );
}

export function* removeDocuments(keys: readonly DocumentKey[]): Plan<void> {
  if (keys.length === 0) return;
  const pairs = pairsOf(keys);
  yield* change(
    `DELETE FROM skein_document WHERE (tid, version) IN ${pairs.sql}`,
    ...pairs.parameters,
  );
}

function documentOf(row: Row): SearchDocument {
  const tid = numberAt(row, 0);
  const lsn = numberAt(row, 2);
  const marks = marksOf(tid, lsn, textAt(row, 3), textAt(row, 4));
  const text = textOfPayload(textOrNullAt(row, 5));
  const role = numberOrNullAt(row, 6);
  return { tid, version: numberAt(row, 1), lsn, role, text, marks };
}

export function marksOf(
  tid: number,
  lsn: number,
  tenant: string,
  owner: string,
): readonly string[] {
  return [
    threadScope(tid),
    ownerScope(tenant, owner),
    tenantScope(tenant),
    blockMark(blockOf(lsn)),
  ];
}
