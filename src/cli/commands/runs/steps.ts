import { stepToWire } from "../../../http/native/run-to-wire.ts";
import type { Step } from "../../../model/run.ts";
import { type Command, command } from "../../command.ts";
import { time, tokens } from "../../format/figures.ts";
import { oneLine } from "../../format/printable.ts";
import { table } from "../../format/table.ts";

export const steps: Command = command({
  summary: "List the model and tool calls of a run",
  details: "In the order in which they started.",
  examples: ["runs steps th_123 run_456", "runs steps th_123 run_456 --json"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    run: { type: "positional", required: true, description: "Id of the run" },
  },
  async run({ args, output, open }) {
    const skein = await open();
    const found = await skein.steps(args.thread, args.run);
    if (output.isJson) for (const step of found) output.json(stepToWire(step));
    else for (const line of table(found.map(stepRow), output.columns)) output.line(line);
  },
});

function stepRow(step: Step): readonly string[] {
  const duration = step.endedAt === undefined ? "–" : `${step.endedAt - step.startedAt} ms`;
  const detail = step.error?.message ?? (step.usage === undefined ? "" : tokens(step.usage));
  const attempt = step.attempt > 1 ? ` (attempt ${step.attempt})` : "";
  return [
    oneLine(step.key, 60),
    oneLine(step.name, 60),
    `${step.status}${attempt}`,
    time(step.startedAt),
    duration,
    oneLine(detail, 200),
  ];
}
