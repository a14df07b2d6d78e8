import { messageToWire } from "../../../http/native/message-to-wire.ts";
import { threadToWire } from "../../../http/native/thread-to-wire.ts";
import { LIMITS } from "../../../model/limits.ts";
import { integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { messageBlock } from "../../format/message.ts";
import { threadHeader } from "../../format/thread.ts";

export const show: Command = command({
  summary: "Show a thread and its messages",
  details:
    "The newest messages of the branch, oldest first. --at shows the thread as it was at a version.",
  examples: [
    "threads show th_123",
    "threads show th_123 --limit 10 --before msg_456",
    "threads show th_123 --at 7 --json",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    at: { type: "string", valueHint: "version", description: "As the thread was at this version" },
    limit: {
      type: "string",
      valueHint: "number",
      description: `At most so many messages, 0 to ${LIMITS.pageSize} (default ${LIMITS.pageSizeDefault})`,
    },
    before: { type: "string", valueHint: "message", description: "Messages older than this one" },
    after: { type: "string", valueHint: "message", description: "Messages newer than this one" },
  },
  async run({ args, output, open }) {
    const limit = integer(args.limit, "limit", { from: 0, to: LIMITS.pageSize });
    const at = integer(args.at, "at", { from: 1 });
    const point = at === undefined ? {} : { at };
    const skein = await open();
    const thread = await skein.get(args.thread, point);
    if (limit === 0) {
      if (output.isJson) output.json(threadToWire(thread));
      else output.line(threadHeader(thread, output.paint));
      return;
    }
    const page = await skein.messages(args.thread, {
      ...point,
      ...(limit !== undefined && { limit }),
      ...(args.branch !== undefined && { branch: args.branch }),
      ...(args.before !== undefined && { before: args.before }),
      ...(args.after !== undefined && { after: args.after }),
    });
    if (output.isJson) {
      output.json({
        ...threadToWire(thread),
        messages: page.messages.map(messageToWire),
        has_older: page.hasOlder,
        has_newer: page.hasNewer,
      });
      return;
    }
    output.line(threadHeader(thread, output.paint));
    for (const message of page.messages) output.line(`\n${messageBlock(message, output.paint)}`);
    const [first] = page.messages;
    if (page.hasOlder && first !== undefined)
      output.note(output.notePaint.dim(`\nOlder: the same command with --before ${first.id}`));
  },
});
