import { type Command, command } from "../../command.ts";
import { jsonObject } from "../../input.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

const ENDS = {
  thread: { type: "positional", required: true, description: "Id of the thread" },
  kind: {
    type: "positional",
    required: true,
    description: "What the other thread is to it: summary, sub-agent, continuation, mention, …",
  },
  other: { type: "positional", required: true, description: "Id of the other thread" },
} as const;

export const link: Command = command({
  summary: "Link two threads, in both at once",
  details:
    "Each of them then names the other: `summary` on one side is `summary-of` on the other. Words of your own work, too: `draft` and `draft-of`.",
  examples: [
    "threads link th_123 summary th_456",
    'threads link th_123 mention th_456 --data \'{"why":"same customer"}\'',
  ],
  args: {
    ...ENDS,
    data: { type: "string", valueHint: "json", description: "An object kept with the link" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const data = jsonObject(args.data, "data");
    const asked = { kind: args.kind, threadId: args.other, ...(data !== undefined && { data }) };
    const skein = await open();
    reportThread(output, await skein.link(args.thread, asked, writeOptions(args)), "Linked");
  },
});

export const unlink: Command = command({
  summary: "Take a link out of both threads",
  examples: ["threads unlink th_123 summary th_456"],
  args: { ...ENDS, ...WRITE_ARGS },
  async run({ args, output, open }) {
    const asked = { kind: args.kind, threadId: args.other };
    const skein = await open();
    reportThread(output, await skein.unlink(args.thread, asked, writeOptions(args)), "Unlinked");
  },
});
