import { messageToWire } from "../../../http/native/message-to-wire.ts";
import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { EXIT } from "../../exit-code.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const redact: Command = command({
  summary: "Erase what a message says, for good",
  details:
    "It keeps its place and shows as redacted, at every version and in every fork. Asks first when it runs in a terminal; elsewhere --yes is required.",
  examples: [
    "messages redact th_123 msg_456",
    'messages redact th_123 msg_456 --reason "A key" --yes',
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    message: { type: "positional", required: true, description: "Id of the message" },
    reason: { type: "string", valueHint: "text", description: "Why; stays in the thread's log" },
    yes: { type: "boolean", description: "Do not ask" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const options = writeOptions(args);
    if (!args.yes && !process.stdin.isTTY)
      throw usageError("Nobody can be asked here. Add --yes to redact.", "yes");
    const skein = await open();
    if (!args.yes && !(await confirm(`Erase what ${args.message} says, for good?`))) {
      output.note("Nothing was redacted.");
      return EXIT.failure;
    }
    const message = await skein.redact(args.thread, args.message, {
      ...options,
      ...(args.reason !== undefined && { reason: args.reason }),
    });
    if (output.isJson) output.json(messageToWire(message));
    else {
      output.line(message.id);
      output.note("Redacted.");
    }
    return EXIT.ok;
  },
});
