import { type Command, command } from "../../command.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const discard: Command = command({
  summary: "Take back a message that is still queued",
  details: "Its words go, and so does a run that only waited to answer it.",
  examples: ["messages discard th_123 msg_456"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    message: { type: "positional", required: true, description: "Id of the queued message" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const skein = await open();
    const thread = await skein.discard(args.thread, args.message, writeOptions(args));
    reportThread(output, thread, `Took ${args.message} back from`);
  },
});
