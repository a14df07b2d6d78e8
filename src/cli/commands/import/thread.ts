import { SkeinError } from "../../../model/error.ts";
import { type Command, command } from "../../command.ts";
import { textFile } from "../../input.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const thread: Command = command({
  summary: "Bring in a thread that was exported, or one of the Agent Framework",
  details:
    "Whole or not at all. The same again changes nothing; what was said since, elsewhere, is added. Prints the thread's id.",
  examples: [
    "import thread thread.json",
    "import thread session.json --agent assistant",
    "import thread - < thread.json",
  ],
  args: {
    file: { type: "positional", required: true, description: "A JSON file; - reads stdin" },
    id: { type: "string", valueHint: "id", description: "Id of the thread, for a copy" },
    agent: {
      type: "string",
      valueHint: "name",
      description: "Who answers where the thread names nobody (default: the default agent)",
    },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const serialized = parsed(await textFile(args.file), args.file);
    const skein = await open();
    const { thread: brought, isNew } = await skein.resume(serialized, {
      ...writeOptions(args),
      ...(args.id !== undefined && { threadId: args.id }),
      ...(args.agent !== undefined && { agentId: args.agent }),
    });
    reportThread(output, brought, isNew ? "Imported" : "Found");
  },
});

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SkeinError("invalid_json", `${file} is not JSON.`, { field: "file", cause });
  }
}
