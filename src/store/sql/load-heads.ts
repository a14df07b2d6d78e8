import type { ThreadHead } from "../../model/thread.ts";
import type { Reader, ThreadKey } from "../key.ts";
import { numberAt, textAt } from "./cell.ts";
import type { Cell, Row } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { HEAD_COLUMNS, HOT, VERSION, decodeHead, hasOthers } from "./head-codec.ts";
import { listOf } from "./list-of.ts";
import type { Fragment } from "./list-of.ts";
import { row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

export const HEAD_TABLES = "skein_thread t JOIN skein_head h ON h.tid = t.tid";

/** Heads as committed, whoever asks. One statement per tenant, and one for all threads with branches beside main; each
 *  stands by itself. */
export function* loadHeads(keys: readonly ThreadKey[]): Plan<readonly (ThreadHead | null)[]> {
  const heads = new Map<string, ThreadHead>();
  for (const [tenant, of] of Map.groupBy(keys, (key) => key.tenant)) {
    const list = listOf(of.map(({ id }) => id));
    const found = yield* rows(
      `SELECT ${HEAD_COLUMNS} FROM ${HEAD_TABLES} WHERE t.tenant = ? AND t.id IN ${list.sql}`,
      tenant,
      ...list.parameters,
    );
    for (const head of yield* headsOf(found)) heads.set(nameOf(head.profile), head);
  }
  return keys.map((key) => heads.get(nameOf(key)) ?? null);
}

/** The head if the reader may see the thread; `"unchanged"` if they may and its version is `knownVersion`. One
 *  statement, two if the thread has branches beside main; each stands by itself. */
export function* loadThread(
  dialect: Dialect,
  reader: Reader,
  id: string,
  knownVersion?: number,
): Plan<ThreadHead | "unchanged" | null> {
  const visible = visibleTo(reader.user);
  const isKnown = knownVersion !== undefined;
  const parameters: readonly Cell[] = [reader.tenant, id, ...visible.parameters];
  const found = yield* row(
    `SELECT ${isKnown ? changedColumns(dialect) : HEAD_COLUMNS} FROM ${HEAD_TABLES}
     WHERE t.tenant = ? AND t.id = ? AND ${visible.sql}`,
    ...(isKnown ? [knownVersion, knownVersion, ...parameters] : parameters),
  );
  if (found === undefined) return null;
  if (found[HOT] === null) return "unchanged";
  const [head] = yield* headsOf([found]);
  return head ?? null;
}

/** Several threads for one reader; `null` for those that they may not see. */
export function* loadThreads(
  { tenant, user }: Reader,
  ids: readonly string[],
): Plan<readonly (ThreadHead | null)[]> {
  if (ids.length === 0) return [];
  const list = listOf(ids);
  const visible = visibleTo(user);
  const found = yield* rows(
    `SELECT ${HEAD_COLUMNS} FROM ${HEAD_TABLES}
     WHERE t.tenant = ? AND t.id IN ${list.sql} AND ${visible.sql}`,
    tenant,
    ...list.parameters,
    ...visible.parameters,
  );
  const heads = new Map((yield* headsOf(found)).map((head) => [head.profile.id, head]));
  return ids.map((id) => heads.get(id) ?? null);
}

/** Heads by the numbers of their threads. */
export function* headsAt(tids: readonly number[]): Plan<ReadonlyMap<number, ThreadHead>> {
  if (tids.length === 0) return new Map();
  const list = listOf(tids);
  const found = yield* rows(
    `SELECT ${HEAD_COLUMNS} FROM ${HEAD_TABLES} WHERE t.tid IN ${list.sql}`,
    ...list.parameters,
  );
  const heads = yield* headsOf(found);
  return new Map(heads.map((head, index) => [numberAt(found[index] ?? [], 0), head]));
}

/** What the hot part of a head has if its preview may have been erased. */
export const ERASED = '"text":""';

/** The columns of a head; without its two long ones if nothing changed. A redaction in a fork takes the text out of a
 *  preview, and leaves the version as it is. */
function changedColumns(dialect: Dialect): string {
  const isChanged = `h.version <> ? OR ${dialect.contains("h.hot", `'${ERASED}'`)}`;
  const changed = (column: string): string => `CASE WHEN ${isChanged} THEN ${column} END`;
  return HEAD_COLUMNS.replace("h.hot", changed("h.hot")).replace("t.profile", changed("t.profile"));
}

/** Lets a user see a thread `t`; `null` is everybody who has all rights. */
export function visibleTo(user: string | null): Fragment {
  if (user === null) return { sql: "t.purged_at IS NULL", parameters: [] };
  return {
    sql: `t.purged_at IS NULL AND (t.owner = ?
      OR EXISTS (SELECT 1 FROM skein_member m WHERE m.tid = t.tid AND m.user_id = ?))`,
    parameters: [user, user],
  };
}

/** Heads of rows of `HEAD_COLUMNS`, in their order. Those with branches beside main are read again with them, in one
 *  statement, so that both are of the same moment. */
export function* headsOf(found: readonly Row[]): Plan<readonly ThreadHead[]> {
  const branched = found.filter(hasOthers).map((it) => numberAt(it, 0));
  const again = new Map<number, ThreadHead>();
  if (branched.length > 0) {
    const list = listOf(branched);
    const answer = yield* rows(
      `SELECT ${HEAD_COLUMNS} FROM ${HEAD_TABLES} WHERE t.tid IN ${list.sql}
       UNION ALL
       SELECT o.tid, ${"NULL, ".repeat(HOT - 1)}o.head FROM skein_branch o WHERE o.tid IN ${list.sql}`,
      ...list.parameters,
      ...list.parameters,
    );
    for (const [tid, of] of Map.groupBy(answer, (it) => numberAt(it, 0))) {
      const head = of.find((it) => it[VERSION] !== null);
      const others = of.filter((it) => it[VERSION] === null).map((it) => textAt(it, HOT));
      if (head !== undefined) again.set(tid, decodeHead(head, others));
    }
  }
  return found.map((it) => again.get(numberAt(it, 0)) ?? decodeHead(it, []));
}

function nameOf({ tenant, id }: ThreadKey): string {
  return `${tenant}\n${id}`;
}
