import { awaitRun } from "../../await-run.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { RUN_ARGS, runInput } from "../../run-args.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const regenerate: Command = command({
  summary: "Answer a turn again; the old answer stays",
  details: "Prints the new answer as it comes. The old one is kept on a branch such as main~1.",
  examples: ["threads regenerate th_123", "threads regenerate th_123 --message msg_456"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    message: { type: "string", valueHint: "id", description: "A message of the turn (newest)" },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    ...RUN_ARGS,
    ...WRITE_ARGS,
  },
  signals: "watch",
  async run({ args, output, open, signal }) {
    const skein = await open();
    const result = await skein.regenerate(
      args.thread,
      {
        run: runInput(skein, args),
        ...(args.message !== undefined && { messageId: args.message }),
        ...(args.branch !== undefined && { branch: args.branch }),
      },
      writeOptions(args),
    );
    if (result.run === undefined) return EXIT.ok;
    await skein.startWorker({ threadId: args.thread });
    return await awaitRun(skein, result.run, output, signal);
  },
});
