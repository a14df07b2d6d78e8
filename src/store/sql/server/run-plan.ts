import type { Plan } from "../plan.ts";
import type { Session } from "./server-driver.ts";

/** Runs a plan on a server, one round trip for each statement. */
export async function runPlan<T>(session: Session, plan: Plan<T>): Promise<T> {
  let step = plan.next();
  while (step.done !== true) step = plan.next(await session.ask(step.value));
  return step.value;
}
