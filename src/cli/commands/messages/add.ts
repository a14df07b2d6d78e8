import { messageToWire } from "../../../http/native/message-to-wire.ts";
import type { MessageInput } from "../../../engine/engine.ts";
import type { Part } from "../../../model/part.ts";
import type { Role } from "../../../model/message.ts";
import { usageError } from "../../arguments.ts";
import { attach } from "../../attach.ts";
import { awaitRun } from "../../await-run.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import { jsonObject, textOrStdin } from "../../input.ts";
import { RUN_ARGS, runInput } from "../../run-args.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

const ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool"];

export const add: Command = command({
  summary: "Add a message, and have it answered with --run",
  details: "Prints the message's id, or with --run the answer as it comes.",
  examples: [
    'messages add th_123 "A note that nobody answers"',
    'messages add th_123 "What did we decide?" --run',
    "messages add th_123 - --role system < rules.txt",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    text: { type: "positional", required: true, description: "What it says; - reads stdin" },
    run: { type: "boolean", description: "Have the agent answer, and wait for it" },
    role: { type: "string", valueHint: "role", description: `${ROLES.join(", ")} (default user)` },
    author: { type: "string", valueHint: "name", description: "Who said it, if not the user" },
    file: { type: "string", valueHint: "path", description: "Attach a file" },
    branch: { type: "string", valueHint: "name", description: "Another branch than main" },
    parent: { type: "string", valueHint: "message", description: "The message that it answers" },
    id: { type: "string", valueHint: "id", description: "An id of your own choice" },
    metadata: { type: "string", valueHint: "json", description: "A JSON object" },
    ...RUN_ARGS,
    ...WRITE_ARGS,
  },
  signals: "watch",
  async run({ args, output, open, signal }) {
    const role = ROLES.find((name) => name === (args.role ?? "user"));
    if (role === undefined) throw usageError(`--role must be one of ${ROLES.join(", ")}.`, "role");
    const metadata = jsonObject(args.metadata, "metadata");
    const text = await textOrStdin(args.text);
    const skein = await open();
    const parts: readonly Part[] =
      args.file === undefined
        ? [{ type: "text", text }]
        : [{ type: "text", text }, await attach(skein, args.file)];
    const message: MessageInput = {
      content: parts,
      role,
      ...(args.id !== undefined && { id: args.id }),
      ...(args.author !== undefined && { author: args.author }),
      ...(metadata !== undefined && { metadata }),
    };
    const result = await skein.append(
      args.thread,
      {
        messages: [message],
        ...(args.branch !== undefined && { branch: args.branch }),
        ...(args.parent !== undefined && { parentId: args.parent }),
        ...(args.run && { run: runInput(skein, args) }),
      },
      writeOptions(args),
    );
    const [added] = result.messages;
    if (result.branch !== (args.branch ?? "main"))
      output.note(`The context had moved on: the message is on branch ${result.branch}.`);
    if (result.run === undefined) {
      if (added !== undefined && output.isJson) output.json(messageToWire(added));
      else if (added !== undefined) output.line(added.id);
      return EXIT.ok;
    }
    await skein.startWorker({ threadId: args.thread });
    return await awaitRun(skein, result.run, output, signal);
  },
});
