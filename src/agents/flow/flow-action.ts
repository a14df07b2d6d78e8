import type { Action } from "../../model/action.ts";
import { stepKey } from "./flow-session.ts";
import type { FlowSession } from "./flow-session.ts";

/** The action of a run by which something that the handler does is waited for, and what is known of it.
 *  @param number  counts the actions of one key, from 1 on */
export function actionFor(
  { run }: FlowSession,
  key: string,
  number: number = 1,
): { readonly id: string; readonly known: Action | undefined } {
  const id = number === 1 ? stepKey(key) : `${stepKey(key)}.${number}`;
  return { id, known: run.actions?.find((action) => action.id === id) };
}
