import { integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const fork: Command = command({
  summary: "Continue a thread's messages in a new thread",
  details: "The new thread shares the messages up to a point; nothing is copied. Prints its id.",
  examples: [
    "threads fork th_123",
    'threads fork th_123 --message msg_456 --title "Another way"',
    "threads fork th_123 --at 7",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    message: { type: "string", valueHint: "id", description: "The last message that it includes" },
    at: { type: "string", valueHint: "version", description: "As the thread was at this version" },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    id: { type: "string", valueHint: "id", description: "Id of the new thread" },
    title: { type: "string", valueHint: "text", description: "Title of the new thread" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const at = integer(args.at, "at", { from: 1 });
    const skein = await open();
    const thread = await skein.fork(
      args.thread,
      {
        ...(args.id !== undefined && { id: args.id }),
        ...(args.branch !== undefined && { branch: args.branch }),
        ...(args.message !== undefined && { messageId: args.message }),
        ...(at !== undefined && { at }),
        ...(args.title !== undefined && { title: args.title }),
      },
      writeOptions(args),
    );
    reportThread(output, thread, "Forked");
  },
});
