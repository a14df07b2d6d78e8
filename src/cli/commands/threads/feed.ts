import { feedEventToWire } from "../../../http/native/entry-to-wire.ts";
import type { FeedEvent } from "../../../store/query.ts";
import { integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { table } from "../../format/table.ts";
import { threadRow } from "../../format/thread.ts";

const TYPE_CHARACTERS = "unarchived".length;

export const feed: Command = command({
  summary: "Print what became of all threads, or follow it",
  details:
    "One line per thread that was created, changed, archived or deleted, with its header as it is now. With --follow from now on until Ctrl-C, or from --after.",
  examples: ["threads feed", "threads feed --follow", "threads feed --after 0 --limit 10 --json"],
  args: {
    after: {
      type: "string",
      valueHint: "cursor",
      description: "Events after the cursor of an earlier one; 0 is the beginning",
    },
    limit: { type: "string", valueHint: "number", description: "At most so many" },
    follow: { type: "boolean", description: "Wait for events to come" },
  },
  signals: "watch",
  async run({ args, output, open, signal }) {
    const limit = integer(args.limit, "limit", { from: 1 });
    const follow = args.follow === true;
    const after = args.after ?? (follow ? undefined : "0");
    const skein = await open();
    let left = limit ?? Number.POSITIVE_INFINITY;
    const events = skein.feed({ follow, signal, ...(after !== undefined && { after }) });
    for await (const event of events) {
      if (output.isJson) output.json({ cursor: event.cursor, ...feedEventToWire(event) });
      else for (const line of table([rowOf(event)], output.columns)) output.line(line);
      if (--left <= 0) break;
    }
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  },
});

function rowOf({ type, version, thread }: FeedEvent): readonly string[] {
  return [type.padEnd(TYPE_CHARACTERS), String(version).padStart(5), ...threadRow(thread)];
}
