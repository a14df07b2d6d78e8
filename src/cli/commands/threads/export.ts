import { integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";

export const exportThread: Command = command({
  summary: "Print a thread as JSON that another store can import",
  details:
    "One line: branches, messages, runs that have ended, state, metadata and small files. With --reference only the name of the thread in this store. Holds no passwords.",
  examples: [
    "threads export th_123 > thread.json",
    "threads export th_123 | SKEIN_STORE=sqlite:./other.db skein import thread -",
    "threads export th_123 --reference",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    reference: { type: "boolean", description: "Only its name" },
    "inline-bytes": {
      type: "string",
      valueHint: "bytes",
      description: "Files up to this much in all are carried along (default 4 MiB)",
    },
  },
  async run({ args, output, open }) {
    const inlineBytes = integer(args["inline-bytes"], "inline-bytes", { from: 0 });
    const skein = await open();
    if (args.reference === true) output.json(await skein.serialize(args.thread));
    else
      output.json(
        await skein.serialize(args.thread, {
          mode: "full",
          ...(inlineBytes !== undefined && { inlineBytes }),
        }),
      );
  },
});
