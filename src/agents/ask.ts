import type { Action, ActionKind } from "../model/action.ts";
import { checkJsonSize } from "../model/check-size.ts";
import type { RunAction } from "../model/command.ts";
import { isSkeinError } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import type { ToolCallPart } from "../model/part.ts";
import type { Step } from "../model/run.ts";
import type { SuspendRequest } from "./agent.ts";
import { nextActionId } from "./call-state.ts";

type Request = Extract<RunAction, { kind: "action.request" }>;

interface Asking {
  readonly call: ToolCallPart;
  readonly step: Pick<Step, "input">;
}

// What a person can read, and little enough to leave room for the prompt.
const MOST_TEXT_UNITS = 4_000;

/** Asks for an approval, or for the output of a tool that the caller carries out. */
export function askFor(
  asking: Asking,
  ask: { readonly for: ActionKind; readonly prompt?: string },
  actions: readonly Action[],
): Request {
  return requestFor(asking, actions, {
    kind: ask.for,
    ...(ask.prompt !== undefined && { prompt: cut(ask.prompt) }),
    data: argumentsOf(asking.call),
  });
}

/** Asks whether an interrupted call was carried out. */
export function askToVerify(asking: Asking, actions: readonly Action[]): Request {
  return requestFor(asking, actions, {
    kind: "verify",
    prompt: `The tool ${asking.call.name} was interrupted. Was the call carried out? Approve runs it again; deny means that it was not.`,
    data: argumentsOf(asking.call),
  });
}

/** What a tool that suspended itself asks for. */
export function suspended(
  asking: Asking,
  { kind, prompt, data, timeoutMs }: SuspendRequest,
  actions: readonly Action[],
  now: number,
): Request {
  return requestFor(asking, actions, {
    kind,
    ...(prompt !== undefined && { prompt }),
    ...(data && { data }),
    ...(timeoutMs !== undefined && { dueAt: now + timeoutMs }),
  });
}

function requestFor(
  { call: { callId, name }, step: { input } }: Asking,
  actions: readonly Action[],
  asked: Pick<Action, "kind" | "prompt" | "data" | "dueAt">,
): Request {
  const id = nextActionId(callId, actions);
  const callMessageId = input?.messageId;
  const about = { callId, ...(callMessageId !== undefined && { callMessageId }) };
  return { kind: "action.request", action: { id, ...about, name, ...asked } };
}

/** The arguments, whole where they fit beside a prompt; the message has them in any case. */
function argumentsOf({ input, inputText }: ToolCallPart): JsonObject {
  const whole = { arguments: input ?? {} };
  try {
    checkJsonSize({ prompt: "p".repeat(MOST_TEXT_UNITS), data: whole }, "action");
    return whole;
  } catch (error) {
    if (!isSkeinError(error, "limit_exceeded")) throw error;
    return { arguments_text: cut(inputText), is_cut: true };
  }
}

function cut(text: string): string {
  return text.slice(0, MOST_TEXT_UNITS).toWellFormed();
}
