import { checkId, checkJson, checkLine, checkText } from "../model/check.ts";
import { isSameDecision } from "../model/action.ts";
import type { Decision } from "../model/action.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import { LIMITS } from "../model/limits.ts";
import type { ToolOutput } from "../model/part.ts";
import type { Principal } from "../model/principal.ts";
import type { Run } from "../model/run.ts";
import { principalOf, write } from "./core.ts";
import type { Core } from "./core.ts";
import type { CallOptions, WriteOptions } from "./engine.ts";
import type { DecisionInput, RunEventInput } from "./run-calls.ts";
import { run, runOf } from "./runs.ts";

// What a tool of the server may answer, too.
const MOST_OUTPUT_UNITS = 1_000_000;

export async function decideRun(
  core: Core,
  base: Principal,
  threadId: string,
  runId: string,
  {
    decisions: inputs,
    options,
  }: { decisions: readonly DecisionInput[]; options?: WriteOptions | undefined },
): Promise<Run> {
  const principal = principalOf(base, options);
  if (inputs.length === 0 || inputs.length > LIMITS.actions)
    throw invalid("decisions", `be a list of 1 to ${LIMITS.actions}`);
  const decisions = inputs.map((input) => ({
    actionId: checked(input.actionId),
    decision: decisionOf(input),
  }));
  const found = await run(core, principal, threadId, runId);
  if (found.endedAt !== undefined) return answerOfEnded(found, decisions);
  const command = { type: "run.decide", runId, decisions } as const;
  try {
    const { head } = await write(core, {
      principal,
      threadId,
      command,
      options,
      sizeBytes: JSON.stringify(decisions).length * 2,
    });
    return await runOf(core, head, runId);
  } catch (error) {
    if (!isSkeinError(error, "run_ended")) throw error;
    // It ended since it was looked at, perhaps because somebody else decided the same.
    return answerOfEnded(await run(core, principal, threadId, runId), decisions);
  }
}

/** The events of a run have one sender's name, so that a key counts once whoever sends it. */
const SENDER = "run-events";

export async function sendRunEvent(
  core: Core,
  base: Principal,
  threadId: string,
  runId: string,
  { event, options }: { event: RunEventInput; options?: CallOptions | undefined },
): Promise<Run> {
  const principal = principalOf(base, options);
  const { name, payload = null, dedupKey } = event;
  checkLine(name, "name", LIMITS.eventNameCharacters);
  checkJson(payload, "payload");
  if (dedupKey !== undefined) checkLine(dedupKey, "dedup_key", 128);
  const found = await run(core, principal, threadId, runId);
  if (found.endedAt !== undefined && dedupKey === undefined) throw hasEnded(found);
  const signalId = core.ids("sig");
  const { head } = await write(core, {
    principal,
    threadId,
    command: { type: "run.signal", runId, signalId, name, payload },
    asked: [runId],
    ...(dedupKey !== undefined && {
      operation: { user: SENDER, opId: `${runId}:${dedupKey}` },
    }),
    sizeBytes: JSON.stringify(payload).length * 2,
  });
  return runOf(core, head, runId);
}

/** Who repeats a decision is told how it ended; anything else comes too late. */
function answerOfEnded(
  found: Run,
  decisions: readonly { readonly actionId: string; readonly decision: Decision }[],
): Run {
  const isRepeated = decisions.every(({ actionId, decision }) =>
    isSameDecision(found.actions?.find(({ id }) => id === actionId)?.decision, decision, true),
  );
  if (isRepeated) return found;
  throw hasEnded(found);
}

function hasEnded({ id, status }: Run): SkeinError {
  return new SkeinError("run_ended", `Run ${id} has ended (${status}).`, {
    field: "run_id",
    details: { status },
  });
}

function decisionOf(input: DecisionInput): Decision {
  switch (input.decision) {
    case "approve": {
      if (input.input === undefined) return { type: "approve" };
      checkJson(input.input, "input");
      return { type: "approve", input: input.input };
    }
    case "deny": {
      if (input.reason === undefined) return { type: "deny" };
      checkText(input.reason, "reason");
      return { type: "deny", reason: input.reason };
    }
    case "output":
      return {
        type: "output",
        outcome: input.isError === true ? "error" : "ok",
        output: outputOf(input),
      };
    default:
      throw invalid("decision", "be approve, deny or output");
  }
}

function outputOf({ output, isError }: Extract<DecisionInput, { decision: "output" }>): ToolOutput {
  checkJson(output, "output");
  const text = typeof output === "string" ? output : JSON.stringify(output);
  if (text.length > MOST_OUTPUT_UNITS)
    throw new SkeinError(
      "limit_exceeded",
      `output has ${text.length} characters, at most ${MOST_OUTPUT_UNITS}.`,
      { field: "output", details: { limit: MOST_OUTPUT_UNITS } },
    );
  if (isError === true) return { type: "error", text };
  return typeof output === "string" ? { type: "text", text } : { type: "json", value: output };
}

function checked(actionId: unknown): string {
  if (typeof actionId !== "string") throw invalid("action_id", "be a text");
  checkId(actionId, "action_id");
  return actionId;
}

function invalid(field: string, rule: string): SkeinError {
  return new SkeinError("invalid_request", `${field} must ${rule}.`, { field });
}
