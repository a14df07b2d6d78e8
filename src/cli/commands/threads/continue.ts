import { type Command, command } from "../../command.ts";
import { textOrStdin } from "../../input.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const continueThread: Command = command({
  summary: "Go on in a new thread and archive the old one",
  details:
    "The new thread has the old one's agent, tags, members and metadata, and begins with the summary. Prints its id.",
  examples: [
    "threads continue th_123",
    'threads continue th_123 --summary "We agreed on the plan; the tests are missing."',
    "threads continue th_123 --summary - < summary.txt",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the old thread" },
    summary: {
      type: "string",
      valueHint: "text",
      description: "What the new thread has to know; - reads stdin",
    },
    id: { type: "string", valueHint: "id", description: "Id of the new thread" },
    title: { type: "string", valueHint: "text", description: "Title of the new thread" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const summary = args.summary === undefined ? undefined : await textOrStdin(args.summary);
    const input = {
      ...(summary !== undefined && { summary }),
      ...(args.id !== undefined && { id: args.id }),
      ...(args.title !== undefined && { title: args.title }),
    };
    const skein = await open();
    const thread = await skein.continueThread(args.thread, input, writeOptions(args));
    reportThread(output, thread, "Continued as");
  },
});
