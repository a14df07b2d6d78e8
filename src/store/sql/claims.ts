import type { Facts, GivenId, Need } from "../facts.ts";
import { numberAt, textAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { listOf } from "./list-of.ts";
import type { Fragment } from "./list-of.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

type OperationNeed = Extract<Need, { kind: "operation" }>;

/** Who has ids of messages and keys of operations already. */
export interface Claims {
  readonly given: ReadonlyMap<string, GivenId>;
  readonly operation: Facts["operation"];
}

/** Who uses these ids, as given ones or as ones that the engine made, and the operation. One statement. */
export function* findClaims(
  tenant: string,
  ids: readonly string[],
  operation?: OperationNeed,
): Plan<Claims> {
  const parts = [
    ...(operation === undefined ? [] : [ofOperation(tenant, operation)]),
    ...(ids.length === 0 ? [] : [ofGivenIds(tenant, ids), ofMadeIds(tenant, ids)]),
  ];
  if (parts.length === 0) return { given: new Map(), operation: null };
  const found = yield* rows(
    parts.map(({ sql }) => sql).join("\nUNION ALL "),
    ...parts.flatMap(({ parameters }) => parameters),
  );
  const given = new Map<string, GivenId>();
  for (const row of found) {
    const key = { tenant, id: textAt(row, 1) };
    const id = textAt(row, 2);
    if (row[0] === "given" || (row[0] === "made" && !given.has(id)))
      given.set(id, { key, version: numberAt(row, 4) });
  }
  const done = found.find((row) => row[0] === "operation");
  return { given, operation: doneOf(tenant, operation, done) };
}

function doneOf(
  tenant: string,
  operation: OperationNeed | undefined,
  row: Row | undefined,
): Facts["operation"] {
  if (operation === undefined || row === undefined) return null;
  const { user, opId } = operation;
  return {
    key: { tenant, id: textAt(row, 1) },
    user,
    opId,
    digest: textAt(row, 3),
    fromVersion: numberAt(row, 4),
    toVersion: numberAt(row, 5),
  };
}

function ofOperation(tenant: string, { user, opId }: OperationNeed): Fragment {
  return {
    sql: `SELECT 'operation', t.id, o.op_id, o.digest, o.from_version, o.to_version
      FROM skein_operation o JOIN skein_thread t ON t.tid = o.tid
      WHERE o.tenant = ? AND o.user_id = ? AND o.op_id = ?`,
    parameters: [tenant, user, opId],
  };
}

function ofGivenIds(tenant: string, ids: readonly string[]): Fragment {
  const list = listOf(ids);
  return {
    sql: `SELECT 'given', t.id, g.id, '', g.version, 0
      FROM skein_given_id g JOIN skein_thread t ON t.tid = g.tid
      WHERE g.tenant = ? AND g.id IN ${list.sql}`,
    parameters: [tenant, ...list.parameters],
  };
}

function ofMadeIds(tenant: string, ids: readonly string[]): Fragment {
  const list = listOf(ids);
  return {
    sql: `SELECT 'made', t.id, e.mid, '', e.version, 0
      FROM skein_entry e JOIN skein_thread t ON t.tid = e.tid
      WHERE e.mid IN ${list.sql} AND e.role IS NOT NULL AND e.given IS NULL AND t.tenant = ?`,
    parameters: [...list.parameters, tenant],
  };
}
