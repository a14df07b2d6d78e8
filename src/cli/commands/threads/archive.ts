import { type Command, command } from "../../command.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

const ARGS = {
  thread: { type: "positional", required: true, description: "Id of the thread" },
  ...WRITE_ARGS,
} as const;

export const archive: Command = command({
  summary: "Put a thread away",
  details: "It stays readable and searchable. A new message takes it out again.",
  examples: ["threads archive th_123"],
  args: ARGS,
  async run({ args, output, open }) {
    const skein = await open();
    reportThread(output, await skein.archive(args.thread, writeOptions(args)), "Archived");
  },
});

export const unarchive: Command = command({
  summary: "Take a thread out of the archive",
  examples: ["threads unarchive th_123"],
  args: ARGS,
  async run({ args, output, open }) {
    const skein = await open();
    reportThread(output, await skein.unarchive(args.thread, writeOptions(args)), "Unarchived");
  },
});
