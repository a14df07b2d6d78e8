import { type Command, command } from "../../command.ts";
import { textOrStdin } from "../../input.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const summary: Command = command({
  summary: "Keep a summary of a thread in a thread of its own",
  details: "The two are linked, and the thread's metadata has the summary. Prints the new id.",
  examples: [
    'threads summary th_123 "We agreed on the plan."',
    "threads summary th_123 - < summary.txt",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    text: { type: "positional", required: true, description: "The summary; - reads stdin" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const text = await textOrStdin(args.text);
    const skein = await open();
    const thread = await skein.createSummaryThread(args.thread, text, writeOptions(args));
    reportThread(output, thread, "Made");
  },
});
