import { type Command, command } from "../../command.ts";
import { reportRun } from "../../report-run.ts";

export const show: Command = command({
  summary: "Show a run",
  examples: ["runs show th_123 run_456", "runs show th_123 run_456 --json"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    run: { type: "positional", required: true, description: "Id of the run" },
  },
  async run({ args, output, open }) {
    const skein = await open();
    reportRun(output, await skein.run(args.thread, args.run));
  },
});
