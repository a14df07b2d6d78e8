import { type Command, command } from "../../command.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

const ARGS = {
  thread: { type: "positional", required: true, description: "Id of the thread" },
  ...WRITE_ARGS,
} as const;

export const hold: Command = command({
  summary: "Let nothing of a thread go until it is released",
  details: "No policy touches it; deleting, purging, trimming and redacting are refused.",
  examples: ['threads hold th_123 --reason "case 7"'],
  args: { ...ARGS, reason: { type: "string", valueHint: "text", description: "Why" } },
  async run({ args, output, open }) {
    const skein = await open();
    reportThread(output, await skein.hold(args.thread, args.reason, writeOptions(args)), "Held");
  },
});

export const release: Command = command({
  summary: "Hold a thread no more",
  examples: ["threads release th_123"],
  args: ARGS,
  async run({ args, output, open }) {
    const skein = await open();
    reportThread(output, await skein.release(args.thread, writeOptions(args)), "Released");
  },
});
