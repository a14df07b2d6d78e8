import type { Skein } from "../../../agents/skein.ts";
import { isEnded } from "../../../model/run-transitions.ts";
import type { Run } from "../../../model/run.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { integer } from "../../arguments.ts";
import { reportRun } from "../../report-run.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

const MS_PER_SECOND = 1000;

export const cancel: Command = command({
  summary: "Stop a run; its partial text is kept",
  details:
    "Without a run it stops the one that is active. With --wait it ends when the run has. A run whose process is gone is ended here.",
  examples: ["runs cancel th_123", "runs cancel th_123 run_456 --wait"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    run: { type: "positional", required: false, description: "Id of the run" },
    wait: { type: "boolean", description: "Wait until it has stopped" },
    timeout: {
      type: "string",
      valueHint: "seconds",
      description: "… at most so long (default 30)",
    },
    ...WRITE_ARGS,
  },
  async run({ args, output, open, signal }) {
    const seconds = integer(args.timeout, "timeout", { from: 0 }) ?? 30;
    const skein = await open();
    const runId = args.run ?? (await skein.get(args.thread)).activeRunId;
    if (runId === null) {
      output.note("No run is active.");
      return EXIT.ok;
    }
    let run = await skein.cancel(args.thread, runId, writeOptions(args));
    const isOrphan = !isEnded(run.status) && !(await hasWorker(skein, run));
    // Nobody else would end it.
    if (isOrphan) await skein.startWorker({ threadId: args.thread, runId });
    try {
      if (args.wait || isOrphan) {
        const timeoutMs = seconds * MS_PER_SECOND;
        run = await skein.waitForRun(args.thread, runId, { signal, timeoutMs });
      }
    } finally {
      if (isOrphan) await skein.drain(0);
    }
    reportRun(output, run);
    return EXIT.ok;
  },
});

async function hasWorker({ store }: Skein, { owner }: Run): Promise<boolean> {
  return owner !== undefined && owner !== store.instance && (await store.isAlive(owner));
}
