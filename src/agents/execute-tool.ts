import { isSkeinError, SkeinError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import type { ToolCallPart, ToolOutput, ToolResultPart } from "../model/part.ts";
import type { Tool, ToolContext } from "./agent.ts";
import { untilAborted } from "./models/abort.ts";
import { checkToolInput } from "./tool-input.ts";

const DEFAULT_TIMEOUT_MS = 60_000;
// What a model can use of a result is far less; what a thread should carry as well.
const MOST_OUTPUT_UNITS = 1_000_000;
const MOST_ERROR_UNITS = 2_000;

type Outcome = Pick<ToolResultPart, "outcome" | "output">;

/** Runs a tool. Whatever goes wrong is a result that the model is told; nothing is thrown. Resolves at once when the
 *  signal fires, also where the tool does not listen to it. */
export async function executeTool(
  tools: readonly Tool[],
  call: ToolCallPart,
  context: ToolContext,
): Promise<ToolResultPart> {
  const tool = tools.find(({ name }) => name === call.name);
  const outcome = tool === undefined ? unknownTool(tools, call) : await run(tool, call, context);
  return resultOf(call, outcome);
}

/** A tool that was interrupted: if it may have done something that must not happen twice, nobody can say whether it did. */
export function interruptedTool(tool: Tool | undefined, call: ToolCallPart): ToolResultPart {
  return resultOf(call, interrupted(tool, "The call was interrupted"));
}

/** The result of a call that was not carried out. */
export function notCarriedOut(
  { callId, name }: Pick<ToolCallPart, "callId" | "name">,
  outcome: "denied" | "error" | "cancelled",
  text: string,
): ToolResultPart {
  return { type: "tool-result", callId, name, outcome, output: { type: "error", text } };
}

export function isIdempotent(tool: Tool | undefined): boolean {
  // A tool that does not exist does nothing.
  return tool === undefined || tool.effect === "idempotent";
}

function resultOf({ callId, name }: ToolCallPart, outcome: Outcome): ToolResultPart {
  return { type: "tool-result", callId, name, ...outcome };
}

const NOT_BEGUN: Outcome = {
  outcome: "cancelled",
  output: { type: "error", text: "The run was stopped before the call was carried out." },
};

async function run(tool: Tool, call: ToolCallPart, context: ToolContext): Promise<Outcome> {
  const timeoutMs = tool.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(timedOut(timeoutMs)), timeoutMs);
  const signal = AbortSignal.any([context.signal, timeout.signal]);
  try {
    const checked = await checkToolInput(tool, call);
    if (!checked.isValid) return failed(checked.problem);
    if (signal.aborted) return NOT_BEGUN;
    // Inside a promise, so that what the tool throws at once arrives like what it throws later.
    const work = Promise.resolve().then(() =>
      tool.execute?.(checked.input, { ...context, signal }),
    );
    return { outcome: "ok", output: outputOf(await untilAborted(work, signal)) };
  } catch (error) {
    if (context.signal.aborted) return interrupted(tool, "The call was interrupted");
    if (timeout.signal.aborted)
      return interrupted(tool, `The tool took longer than ${timeoutMs} ms and was told to stop`);
    return failed(reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
}

function interrupted(tool: Tool | undefined, what: string): Outcome {
  return isIdempotent(tool)
    ? { outcome: "cancelled", output: { type: "error", text: `${what}.` } }
    : {
        outcome: "unknown",
        output: {
          type: "error",
          text: `${what}. It is not known whether it was carried out; it was not tried again.`,
        },
      };
}

function unknownTool(tools: readonly Tool[], { name }: ToolCallPart): Outcome {
  const known = tools.map((tool) => tool.name).join(", ");
  const hint = known === "" ? "There are no tools." : `The tools are ${known}.`;
  return failed(`There is no tool ${JSON.stringify(name)}. ${hint}`);
}

function failed(problem: string): Outcome {
  return { outcome: "error", output: { type: "error", text: problem.slice(0, MOST_ERROR_UNITS) } };
}

function timedOut(timeoutMs: number): SkeinError {
  return new SkeinError("timeout", `The tool took longer than ${timeoutMs} ms.`);
}

/** What an error says, for a model and for people. */
export function reasonOf(error: unknown): string {
  if (isSkeinError(error) || error instanceof Error) return error.message || error.name;
  return String(error);
}

/** The value as JSON stores it. A tool that returns nothing has the result `null`. */
function outputOf(value: Json | undefined): ToolOutput {
  if (typeof value === "string") return { type: "text", text: cut(value) };
  const json = JSON.stringify(value) ?? "null";
  if (json.length > MOST_OUTPUT_UNITS) return { type: "text", text: cut(json) };
  const stored: Json = JSON.parse(json);
  return { type: "json", value: stored };
}

function cut(text: string): string {
  if (text.length <= MOST_OUTPUT_UNITS) return text.toWellFormed();
  const start = text.slice(0, MOST_OUTPUT_UNITS).toWellFormed();
  return `${start}\n[cut: ${text.length - MOST_OUTPUT_UNITS} more characters]`;
}
