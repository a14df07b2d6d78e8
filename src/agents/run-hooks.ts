import { SkeinError } from "../model/error.ts";
import type { Run } from "../model/run.ts";
import type { Agent } from "./agent.ts";
import { reasonOf } from "./execute-tool.ts";
import type { HookContext, Hooks } from "./hooks.ts";
import type { RunContext, RunServices } from "./run-context.ts";

/** Those of the process first. */
export function hooksOf(
  { hooks }: Pick<RunServices, "hooks">,
  agent: Pick<Agent, "hooks">,
): readonly Hooks[] {
  return [hooks, agent.hooks].flatMap((each) => each ?? []);
}

export function hookContextOf({
  key,
  run,
  agent,
  stop,
}: Pick<RunContext, "key" | "run" | "agent" | "stop">): HookContext {
  return {
    tenant: key.tenant,
    threadId: key.id,
    runId: run.id,
    agentName: agent.name,
    userId: run.requestedBy,
    signal: stop.signal,
  };
}

/** @throws SkeinError  `hook_failed` with what the hook threw */
export async function beforeRun(
  context: Pick<RunContext, "services" | "key" | "run" | "agent" | "stop">,
): Promise<void> {
  for (const hook of hooksOf(context.services, context.agent))
    try {
      await hook.beforeRun?.(hookContextOf(context));
    } catch (cause) {
      throw new SkeinError("hook_failed", `beforeRun failed: ${reasonOf(cause)}`, { cause });
    }
}

/** A run has ended whatever its hooks say. */
export async function afterRun(
  services: Pick<RunServices, "hooks" | "onError">,
  agent: Agent | undefined,
  run: Run,
  context: HookContext,
): Promise<void> {
  for (const hook of hooksOf(services, agent ?? {}))
    try {
      await hook.afterRun?.(run, context);
    } catch (error) {
      services.onError(error);
    }
}
