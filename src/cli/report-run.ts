import { runToWire } from "../http/native/run-to-wire.ts";
import type { Action } from "../model/action.ts";
import type { Run } from "../model/run.ts";
import { money, time, tokens } from "./format/figures.ts";
import { oneLine } from "./format/printable.ts";
import type { Output } from "./output.ts";

/** Prints a run: as JSON, or one fact per line. */
export function reportRun(output: Output, run: Run): void {
  if (output.isJson) {
    output.json(runToWire(run));
    return;
  }
  const facts: (readonly [string, string | undefined])[] = [
    ["id", run.id],
    ["status", run.status],
    ["agent", run.agentId],
    ["model", run.model === undefined ? undefined : oneLine(run.model, 300)],
    ["branch", run.branch],
    ["asked by", run.requestedBy],
    ["created", time(run.createdAt)],
    ["started", run.startedAt === undefined ? undefined : time(run.startedAt)],
    ["ended", run.endedAt === undefined ? undefined : time(run.endedAt)],
    ["tokens", tokens(run.usage)],
    ["cost", money(run.cost)],
    ...(run.actions ?? []).flatMap((action) =>
      action.status === "waiting" ? [["waits for", waitsFor(action)] as const] : [],
    ),
    ["error", run.error === undefined ? undefined : oneLine(run.error.message, 500)],
  ];
  for (const [name, value] of facts)
    if (value !== undefined) output.line(`${output.paint.dim(name.padEnd(9))} ${value}`);
}

function waitsFor({ id, kind, name, prompt = "" }: Action): string {
  return `${id}  ${kind}  ${oneLine(name, 60)}  ${oneLine(prompt, 200)}`.trimEnd();
}
