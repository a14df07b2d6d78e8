import { runToWire } from "../../../http/native/run-to-wire.ts";
import { type Command, command } from "../../command.ts";
import { table } from "../../format/table.ts";
import { runRow } from "../../format/thread.ts";
import { LIST_ARGS, listInput, noteNextPage } from "../../list-args.ts";

export const list: Command = command({
  summary: "List the runs of a thread, newest first",
  examples: ["runs list th_123", "runs list th_123 --limit 5 --json"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    ...LIST_ARGS,
  },
  async run({ args, output, open }) {
    const skein = await open();
    const page = await skein.runs(args.thread, listInput(args));
    if (output.isJson) for (const run of page.items) output.json(runToWire(run));
    else for (const line of table(page.items.map(runRow), output.columns)) output.line(line);
    if (page.items.length === 0 && !output.isJson) output.note("No runs.");
    noteNextPage(output, page.nextCursor);
  },
});
