import { loadContext } from "../load-context.ts";
import type { LoadedContext } from "../load-context.ts";
import { tokenizerFor } from "../models/tokenizer.ts";
import type { RunContext } from "../run-context.ts";
import type { RunState } from "../run-state.ts";

/** What the model of a run gets now. */
export async function contextOf(
  { services, agent, model }: Pick<RunContext, "services" | "agent" | "model">,
  { head, branch }: Pick<RunState, "head" | "branch">,
): Promise<LoadedContext> {
  const { count } = await tokenizerFor(model.id, agent.context ?? {});
  const { profile } = head;
  return loadContext(services.engine.store, {
    profile,
    branch,
    policy: agent.context,
    countTokens: count,
  });
}
