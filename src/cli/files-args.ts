import type { FileChangeQuery } from "../engine/file-calls.ts";
import { integer } from "./arguments.ts";
import { listInput } from "./list-args.ts";

/** Flags that choose changes of files. */
export const FILES_ARGS = {
  thread: { type: "positional", required: true, description: "Id of the thread" },
  run: { type: "string", valueHint: "run", description: "Only changes by this run" },
  turn: { type: "string", valueHint: "turn", description: "Only changes in this turn" },
  operation: { type: "string", valueHint: "operation", description: "Only this operation's" },
  change: { type: "string", valueHint: "change", description: "Only this change" },
  path: { type: "string", valueHint: "path", description: "Only changes of this file" },
  after: { type: "string", valueHint: "version", description: "Only those after this version" },
} as const;

export function changesOf(
  args: Readonly<
    Partial<
      Record<
        "run" | "turn" | "operation" | "change" | "path" | "after" | "limit" | "cursor",
        string | undefined
      >
    >
  >,
): FileChangeQuery {
  const { run, turn, operation, change, path } = args;
  const after = integer(args.after, "after", { from: 0 });
  return {
    ...listInput(args),
    ...(run !== undefined && { runId: run }),
    ...(turn !== undefined && { turnId: turn }),
    ...(operation !== undefined && { operationId: operation }),
    ...(change !== undefined && { changeId: change }),
    ...(path !== undefined && { path }),
    ...(after !== undefined && { after }),
  };
}
