import { textAt } from "../sql/cell.ts";
import { row } from "../sql/plan.ts";
import type { Plan } from "../sql/plan.ts";

/** Settings under which a commit that was acknowledged may be gone after a crash, a sentence each that says what to do. */
export function* lossWarnings(): Plan<readonly string[]> {
  const found = yield* row(
    "SELECT CAST(@@innodb_flush_log_at_trx_commit AS CHAR), CAST(@@innodb_doublewrite AS CHAR)",
  );
  if (found === undefined) return [];
  const [flush, doublewrite] = [textAt(found, 0), textAt(found, 1)];
  return [
    ...(flush === "1"
      ? []
      : [
          `MariaDB runs with innodb_flush_log_at_trx_commit ${flush}: a crash may cost what was said just before. Set it to 1.`,
        ]),
    ...(doublewrite === "0" || doublewrite === "OFF"
      ? [
          "MariaDB runs with innodb_doublewrite off: a crash of the machine may spoil pages. Set it on.",
        ]
      : []),
  ];
}
