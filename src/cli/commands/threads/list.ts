import { threadToWire } from "../../../http/native/thread-to-wire.ts";
import type { ThreadListInput } from "../../../engine/engine.ts";
import type { ThreadStatus } from "../../../model/thread.ts";
import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { table } from "../../format/table.ts";
import { threadRow } from "../../format/thread.ts";
import { jsonObject } from "../../input.ts";
import { LIST_ARGS, listInput, noteNextPage } from "../../list-args.ts";

export const list: Command = command({
  summary: "List threads, newest activity first",
  details: "All conditions must hold. Archived and deleted threads are listed only when asked for.",
  examples: [
    "threads list --limit 10",
    "threads list --tag billing --status requires_action",
    `threads list --metadata '{"customer":"c_9"}' --json`,
  ],
  args: {
    owner: { type: "string", valueHint: "name", description: "Threads of this user" },
    agent: { type: "string", valueHint: "name", description: "Threads with this agent" },
    tag: { type: "string", valueHint: "tag", description: "Threads with this tag" },
    metadata: {
      type: "string",
      valueHint: "json",
      description: "Threads whose metadata has exactly these values",
    },
    status: { type: "string", valueHint: "idle | active | requires_action", description: "State" },
    title: { type: "string", valueHint: "text", description: "Text in the title" },
    from: { type: "string", valueHint: "time", description: "Active since then (2026-11-20)" },
    to: { type: "string", valueHint: "time", description: "Not active after then" },
    archived: { type: "boolean", description: "Archived threads" },
    deleted: { type: "boolean", description: "Deleted threads" },
    ...LIST_ARGS,
  },
  async run({ args, output, open }) {
    const metadata = jsonObject(args.metadata, "metadata");
    const status = statusFrom(args.status);
    const from = timeFrom(args.from, "from");
    const to = timeFrom(args.to, "to");
    const input: ThreadListInput = {
      ...listInput(args),
      ...(args.owner !== undefined && { owner: args.owner }),
      ...(args.agent !== undefined && { agentId: args.agent }),
      ...(args.tag !== undefined && { tag: args.tag }),
      ...(args.title !== undefined && { title: args.title }),
      ...(args.archived && { archived: true }),
      ...(args.deleted && { deleted: true }),
      ...(metadata !== undefined && { metadata }),
      ...(status !== undefined && { status }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    };
    const skein = await open();
    const page = await skein.list(input);
    if (output.isJson) for (const thread of page.items) output.json(threadToWire(thread));
    else for (const line of table(page.items.map(threadRow), output.columns)) output.line(line);
    if (page.items.length === 0 && !output.isJson) output.note("No threads.");
    noteNextPage(output, page.nextCursor);
  },
});

function statusFrom(value: string | undefined): ThreadStatus | undefined {
  if (value === undefined || value === "idle" || value === "active" || value === "requires_action")
    return value;
  throw usageError(`--status must be idle, active or requires_action, not "${value}".`, "status");
}

function timeFrom(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const at = Date.parse(value);
  if (Number.isNaN(at))
    throw usageError(`--${name} must be a time such as 2026-11-20 or 2026-11-20T18:00:00Z.`, name);
  return at;
}
