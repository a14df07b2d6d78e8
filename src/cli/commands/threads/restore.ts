import { integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const restore: Command = command({
  summary: "Return a thread to what it was at a version",
  details:
    "Branches, title, tags and metadata go back by new entries; the later state stays reachable.",
  examples: ["threads restore th_123 7"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    version: { type: "positional", required: true, description: "The version to return to" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const version = integer(args.version, "version", { from: 1 }) ?? 1;
    const skein = await open();
    const thread = await skein.restoreVersion(args.thread, version, writeOptions(args));
    reportThread(output, thread, "Restored");
  },
});
