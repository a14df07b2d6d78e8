import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const truncate: Command = command({
  summary: "Move a branch back to a message; the tail stays",
  details: "What is cut off stays readable on a branch such as main~1.",
  examples: ["threads truncate th_123 msg_456", "threads truncate th_123 --all"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    message: { type: "positional", required: false, description: "The message that becomes last" },
    all: { type: "boolean", description: "Move back to before the first message" },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    if ((args.message === undefined) === (args.all !== true))
      throw usageError("Give either <message> or --all.", "message");
    const skein = await open();
    const thread = await skein.truncate(args.thread, args.message ?? null, {
      ...writeOptions(args),
      ...(args.branch !== undefined && { branch: args.branch }),
    });
    reportThread(output, thread, "Truncated");
  },
});
