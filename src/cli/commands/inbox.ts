import { inboxItemToWire } from "../../http/native/action-to-wire.ts";
import type { InboxItem } from "../../engine/run-calls.ts";
import { type Command, command } from "../command.ts";
import { time } from "../format/figures.ts";
import { oneLine } from "../format/printable.ts";
import { table } from "../format/table.ts";
import { LIST_ARGS, listInput, noteNextPage } from "../list-args.ts";

export const inbox: Command = command({
  summary: "List what waits for a person, across threads",
  details:
    "A line has thread, run and action, as `runs approve`, `runs deny` and `runs answer` take them.",
  examples: ["inbox", "inbox --agent billing --json"],
  args: {
    agent: { type: "string", valueHint: "name", description: "Only what this agent asks" },
    ...LIST_ARGS,
  },
  async run({ args, output, open }) {
    const skein = await open();
    const page = await skein.inbox({
      ...listInput(args),
      ...(args.agent !== undefined && { agentId: args.agent }),
    });
    if (output.isJson) for (const item of page.items) output.json(inboxItemToWire(item));
    else for (const line of table(page.items.map(inboxRow), output.columns)) output.line(line);
    if (page.items.length === 0 && !output.isJson) output.note("Nothing waits for a person.");
    noteNextPage(output, page.nextCursor);
  },
});

function inboxRow({ threadId, runId, agentId, action }: InboxItem): readonly string[] {
  const asked = action.prompt ?? JSON.stringify(action.data?.["input"] ?? action.data ?? "");
  return [
    threadId,
    runId,
    action.id,
    action.kind,
    oneLine(agentId, 40),
    oneLine(action.name, 60),
    time(action.requestedAt),
    oneLine(asked, 200),
  ];
}
