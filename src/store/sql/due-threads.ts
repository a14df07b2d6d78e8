import type { DuePlace } from "../due-thread.ts";
import { numberAt, textAt } from "./cell.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** One range of the index. */
export function* listDueThreads(
  by: number,
  limit: number,
  after: DuePlace | null,
): Plan<readonly DuePlace[]> {
  const behind = "AND due_at >= ? AND (due_at > ? OR tenant > ? OR (tenant = ? AND id > ?))";
  const found = yield* rows(
    `SELECT due_at, tenant, id FROM skein_thread
     WHERE due_at <= ? ${after === null ? "" : behind} ORDER BY due_at, tenant, id LIMIT ?`,
    by,
    ...(after === null
      ? []
      : [after.dueAt, after.dueAt, after.key.tenant, after.key.tenant, after.key.id]),
    limit,
  );
  return found.map((row) => ({
    dueAt: numberAt(row, 0),
    key: { tenant: textAt(row, 1), id: textAt(row, 2) },
  }));
}
