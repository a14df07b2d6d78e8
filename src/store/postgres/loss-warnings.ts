import { textAt } from "../sql/cell.ts";
import { row } from "../sql/plan.ts";
import type { Plan } from "../sql/plan.ts";

/** Settings under which a commit that was acknowledged may be gone after a crash, a sentence each that says what to do. */
export function* lossWarnings(): Plan<readonly string[]> {
  const found = yield* row(
    `SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')`,
  );
  if (found === undefined) return [];
  const [fsync, pages, commit] = [textAt(found, 0), textAt(found, 1), textAt(found, 2)];
  return [
    ...(fsync === "on"
      ? []
      : [
          "PostgreSQL runs with fsync off: a crash of the machine may cost any data. Set fsync on.",
        ]),
    ...(pages === "on"
      ? []
      : [
          "PostgreSQL runs with full_page_writes off: a crash of the machine may spoil pages. Set full_page_writes on.",
        ]),
    ...(commit === "off"
      ? [
          "PostgreSQL runs with synchronous_commit off: a crash may cost what was said just before. Set synchronous_commit on, for the database or the role.",
        ]
      : []),
  ];
}
