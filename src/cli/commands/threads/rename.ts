import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { reportThread } from "../../report-thread.ts";
import { textOrStdin } from "../../input.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const rename: Command = command({
  summary: "Change a thread's title",
  details: "A title that a person gave is never replaced by an automatic one.",
  examples: ['threads rename th_123 "Release plan"', "threads rename th_123 --none"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    title: { type: "positional", required: false, description: "The new title; - reads stdin" },
    none: { type: "boolean", description: "Take the title away" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const title = args.none ? null : await titleFrom(args.title);
    const skein = await open();
    const thread = await skein.rename(args.thread, title, writeOptions(args));
    reportThread(output, thread, "Renamed");
  },
});

async function titleFrom(value: string | undefined): Promise<string> {
  if (value === undefined) throw usageError("<title> is missing.", "title");
  return await textOrStdin(value);
}
