import type { Answer, Ask, Plan } from "../sql/plan.ts";
import type { Connection } from "./connection.ts";

/** Runs a plan in place, with statements that stay prepared. */
export function runPlan<T>(connection: Connection, plan: Plan<T>): T {
  let step = plan.next();
  while (step.done !== true) step = plan.next(answer(connection, step.value));
  return step.value;
}

function answer(connection: Connection, { sql, parameters, want }: Ask): Answer {
  const statement = connection.statement(sql);
  if (want === "rows") return { rows: statement.rows(...parameters), changes: 0, inserted: 0 };
  if (want === "changes") return { rows: [], changes: statement.run(...parameters), inserted: 0 };
  return { rows: [], changes: 1, inserted: statement.insert(...parameters) };
}
