import { messageToWire } from "../../../http/native/message-to-wire.ts";
import { awaitRun } from "../../await-run.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { textOrStdin } from "../../input.ts";
import { RUN_ARGS, runInput } from "../../run-args.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const edit: Command = command({
  summary: "Replace a message; the old path stays",
  details: "The branch moves to the new message. What came after the old one is kept on main~1.",
  examples: [
    'threads edit th_123 msg_456 "What I meant"',
    'threads edit th_123 msg_456 "What I meant" --run',
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    message: { type: "positional", required: true, description: "Id of the message" },
    text: {
      type: "positional",
      required: true,
      description: "What it says instead; - reads stdin",
    },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    run: { type: "boolean", description: "Have the agent answer, and wait for it" },
    ...RUN_ARGS,
    ...WRITE_ARGS,
  },
  signals: "watch",
  async run({ args, output, open, signal }) {
    const content = await textOrStdin(args.text);
    const skein = await open();
    const result = await skein.edit(
      args.thread,
      args.message,
      {
        content,
        ...(args.branch !== undefined && { branch: args.branch }),
        ...(args.run && { run: runInput(skein, args) }),
      },
      writeOptions(args),
    );
    if (result.run !== undefined) {
      await skein.startWorker({ threadId: args.thread });
      return await awaitRun(skein, result.run, output, signal);
    }
    const [message] = result.messages;
    if (message !== undefined && output.isJson) output.json(messageToWire(message));
    else if (message !== undefined) output.line(message.id);
    return EXIT.ok;
  },
});
