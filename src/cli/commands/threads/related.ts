import type { RelatedThreads } from "../../../engine/relations/relation-calls.ts";
import { relatedToWire } from "../../../http/native/related-to-wire.ts";
import { commaList, integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { table } from "../../format/table.ts";
import { titleOf } from "../../format/thread.ts";

export const related: Command = command({
  summary: "Show the threads around a thread",
  details:
    "One line per link: the thread that was there first, what the other one is to it, the other one and its title. --kinds follows only some, by what they lead to: summary leads to summaries, summary-of from them to what they are of.",
  examples: [
    "threads related th_123",
    "threads related th_123 --kinds summary,sub-agent --depth 1",
    "threads related th_123 --kinds continues,fork-of --json",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    kinds: { type: "string", valueHint: "a,b", description: "What is followed (default: all)" },
    depth: {
      type: "string",
      valueHint: "number",
      description: "Links away from the thread, 1 to 100 (default 10)",
    },
    limit: {
      type: "string",
      valueHint: "number",
      description: "At most so many threads, 1 to 1,000 (default 200)",
    },
  },
  async run({ args, output, open }) {
    const kinds = commaList(args.kinds);
    const depth = integer(args.depth, "depth", { from: 1, to: 100 });
    const limit = integer(args.limit, "limit", { from: 1, to: 1_000 });
    const skein = await open();
    const found = await skein.related(args.thread, {
      ...(kinds.length > 0 && { kinds }),
      ...(depth !== undefined && { depth }),
      ...(limit !== undefined && { limit }),
    });
    if (output.isJson) output.json(relatedToWire(found));
    else for (const line of table(rowsOf(found))) output.line(line);
    if (!output.isJson && found.edges.length === 0) output.note("There are no related threads.");
    if (!found.isComplete) output.note("There are more; --limit shows them.");
  },
});

function rowsOf({ threads, edges }: RelatedThreads): readonly (readonly string[])[] {
  const titles = new Map(threads.map((thread) => [thread.id, titleOf(thread)]));
  return edges.map(({ from, kind, to }) => [from, kind, to, titles.get(to) ?? ""]);
}
