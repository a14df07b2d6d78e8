import { hitToWire } from "../../../http/native/thread-to-wire.ts";
import type { SearchHit } from "../../../store/search.ts";
import { usageError } from "../../arguments.ts";
import type { Paint } from "../../color.ts";
import { type Command, command } from "../../command.ts";
import { count, time } from "../../format/figures.ts";
import { oneLine, printable } from "../../format/printable.ts";
import { textOrStdin } from "../../input.ts";
import { LIST_ARGS, listInput, noteNextPage } from "../../list-args.ts";

export const search: Command = command({
  summary: "Search titles, messages and tool output",
  details: 'All words must occur. "a phrase", -without, this OR that and begin* work.',
  examples: [
    "threads search invoice",
    `threads search '"exactly this phrase"' --order recent`,
    "threads search 'refund -test' --thread th_123 --json",
  ],
  args: {
    words: {
      type: "positional",
      required: true,
      description: "What to look for; - reads it from stdin",
    },
    thread: { type: "string", valueHint: "id", description: "Only in this thread" },
    order: { type: "string", valueHint: "rank | recent", description: "Best or newest first" },
    ...LIST_ARGS,
  },
  async run({ args, output, open }) {
    const { order } = args;
    if (order !== undefined && order !== "rank" && order !== "recent")
      throw usageError(`--order must be rank or recent, not "${order}".`, "order");
    const text = await textOrStdin(args.words);
    const skein = await open();
    const page = await skein.search({
      text,
      ...listInput(args),
      ...(args.thread !== undefined && { threadId: args.thread }),
      ...(order !== undefined && { order }),
    });
    for (const hit of page.items) {
      if (output.isJson) output.json(hitToWire(hit));
      else output.line(hitBlock(hit, output.paint));
    }
    if (page.items.length === 0 && !output.isJson) output.note("Nothing found.");
    if (page.indexLag > 0 && !output.isJson)
      output.note(`${count(page.indexLag, "message")} not yet indexed.`);
    noteNextPage(output, page.nextCursor);
  },
});

function hitBlock(hit: SearchHit, { bold, dim, accent }: Paint): string {
  const title = hit.threadTitle === null ? "" : `  ${bold(oneLine(hit.threadTitle, 80))}`;
  const where = hit.messageId === null ? "title" : `${hit.role ?? "message"} ${hit.messageId}`;
  const snippet = printable(hit.snippet).replaceAll("\n", " ");
  let text = "";
  let end = 0;
  for (const [from, to] of hit.highlights) {
    text += snippet.slice(end, from) + accent(snippet.slice(from, to));
    end = to;
  }
  text += snippet.slice(end);
  return `${hit.threadId}${title}\n  ${dim(`${time(hit.at)}  ${where}`)}\n  ${text}`;
}
