import type { DecisionInput } from "../../../engine/run-calls.ts";
import type { ArgsDef } from "citty";
import type { Json } from "../../../model/json.ts";
import { SkeinError } from "../../../model/error.ts";
import { awaitRun } from "../../await-run.ts";
import { type Command, command, type Invocation } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import type { ExitCode } from "../../exit-code.ts";
import { textOrStdin } from "../../input.ts";
import { reportRun } from "../../report-run.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

const TARGET_ARGS = {
  thread: { type: "positional", required: true, description: "Id of the thread" },
  run: { type: "positional", required: true, description: "Id of the run" },
  action: { type: "positional", required: true, description: "Id of the action (`skein inbox`)" },
} as const;

const GO_ON_ARGS = {
  go: { type: "boolean", description: "Go on with the run here, and print what it says" },
  ...WRITE_ARGS,
} as const;

export const approve: Command = command({
  summary: "Allow what a run asks for",
  details: "A server goes on with the run; where none works, --go does it here.",
  examples: [
    "runs approve th_123 run_456 call_1",
    "runs approve th_123 run_456 call_1 --input '{\"sum\":2}' --go",
  ],
  args: {
    ...TARGET_ARGS,
    input: {
      type: "string",
      valueHint: "JSON",
      description: "Arguments instead of those that the model chose",
    },
    ...GO_ON_ARGS,
  },
  signals: "watch",
  run: (invocation) => {
    const { action, input } = invocation.args;
    return decide(invocation, {
      actionId: action,
      decision: "approve",
      ...(input !== undefined && { input: jsonValue(input) }),
    });
  },
});

export const deny: Command = command({
  summary: "Refuse what a run asks for",
  details: "The agent is told so, with the reason, and goes on.",
  examples: ["runs deny th_123 run_456 call_1 --reason 'Too much'"],
  args: {
    ...TARGET_ARGS,
    reason: { type: "string", valueHint: "text", description: "Why, for the agent" },
    ...GO_ON_ARGS,
  },
  signals: "watch",
  run: (invocation) => {
    const { action, reason } = invocation.args;
    return decide(invocation, {
      actionId: action,
      decision: "deny",
      ...(reason !== undefined && { reason }),
    });
  },
});

export const answer: Command = command({
  summary: "Give a run what it asks for: words, or the output of a tool",
  details: "`-` reads the answer from stdin. With --as-json it is JSON instead of a text.",
  examples: [
    "runs answer th_123 run_456 call_1 'Berlin'",
    "runs answer th_123 run_456 call_1 '{\"paid\":true}' --as-json --go",
  ],
  args: {
    ...TARGET_ARGS,
    text: { type: "positional", required: true, description: "The answer" },
    "as-json": { type: "boolean", description: "It is JSON" },
    error: { type: "boolean", description: "It says what went wrong" },
    ...GO_ON_ARGS,
  },
  signals: "watch",
  run: async (invocation) => {
    const { args } = invocation;
    const text = await textOrStdin(args.text);
    return decide(invocation, {
      actionId: args.action,
      decision: "output",
      output: args["as-json"] ? jsonValue(text) : text,
      ...(args.error && { isError: true }),
    });
  },
});

interface Deciding extends Pick<Invocation<ArgsDef>, "output" | "open" | "signal"> {
  readonly args: Parameters<typeof writeOptions>[0] & {
    readonly thread: string;
    readonly run: string;
    readonly go?: boolean | undefined;
  };
}

async function decide(
  { args, output, open, signal }: Deciding,
  decision: DecisionInput,
): Promise<ExitCode> {
  const skein = await open();
  const run = await skein.decide(args.thread, args.run, [decision], writeOptions(args));
  if (args.go !== true) {
    reportRun(output, run);
    return EXIT.ok;
  }
  await skein.startWorker({ threadId: args.thread });
  return awaitRun(skein, run, output, signal);
}

function jsonValue(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new SkeinError("invalid_json", "The value must be JSON.", { cause });
  }
}
