import { entryToWire } from "../../../http/native/entry-to-wire.ts";
import type { Skein } from "../../../agents/skein.ts";
import type { Entry } from "../../../model/entry.ts";
import { integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { entryRow } from "../../format/entry.ts";
import { table } from "../../format/table.ts";

const DEFAULT_ENTRIES = 50;
const MAX_ENTRIES = 1000;

/** Pages are also bounded in bytes, so that one may bring fewer than asked for. */
async function logOf(
  skein: Skein,
  threadId: string,
  after: number,
  limit: number,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  while (entries.length < limit) {
    const page = { after: entries.at(-1)?.version ?? after, limit: limit - entries.length };
    const more = await skein.log(threadId, page);
    if (more.length === 0) break;
    entries.push(...more);
  }
  return entries;
}

export const log: Command = command({
  summary: "Print the log of a thread, or follow it",
  details: "Every entry once, in order. With --follow it goes on until Ctrl-C.",
  examples: [
    "threads log th_123",
    "threads log th_123 --after 40 --limit 10",
    "threads log th_123 --follow --json",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    after: { type: "string", valueHint: "version", description: "Entries after this version" },
    limit: {
      type: "string",
      valueHint: "number",
      description: `At most so many, 1 to ${MAX_ENTRIES} (default 50)`,
    },
    follow: { type: "boolean", description: "Wait for entries to come" },
  },
  signals: "watch",
  async run({ args, output, open, signal }) {
    const after = integer(args.after, "after", { from: 0 }) ?? 0;
    const limit = integer(args.limit, "limit", { from: 1, to: MAX_ENTRIES });
    const print = (entry: Entry): void => {
      if (output.isJson) output.json(entryToWire(entry));
      else for (const line of table([entryRow(entry)], output.columns)) output.line(line);
    };
    const skein = await open();
    if (!args.follow) {
      const entries = await logOf(skein, args.thread, after, limit ?? DEFAULT_ENTRIES);
      if (output.isJson) entries.forEach(print);
      else for (const line of table(entries.map(entryRow), output.columns)) output.line(line);
      return EXIT.ok;
    }
    let left = limit ?? Number.POSITIVE_INFINITY;
    for await (const entry of skein.observe(args.thread, { after, signal })) {
      print(entry);
      if (--left <= 0) break;
    }
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  },
});
