import type { Json } from "../../../model/json.ts";
import { SkeinError } from "../../../model/error.ts";
import { type Command, command } from "../../command.ts";
import { textOrStdin } from "../../input.ts";
import { reportRun } from "../../report-run.ts";

export const event: Command = command({
  summary: "Tell a run something",
  details:
    "The run gets it once, whether it waits for it already or not. At most 32 KiB; `-` reads the payload from stdin.",
  examples: [
    "runs event th_123 run_456 paid",
    "runs event th_123 run_456 paid '{\"sum\":3}' --dedup invoice-7",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    run: { type: "positional", required: true, description: "Id of the run" },
    name: { type: "positional", required: true, description: "What the run waits for" },
    payload: { type: "positional", required: false, description: "JSON (null)" },
    dedup: {
      type: "string",
      valueHint: "text",
      description: "The same again for the same run was delivered already",
    },
  },
  async run({ args, output, open }) {
    const payload = args.payload === undefined ? undefined : await jsonPayload(args.payload);
    const skein = await open();
    const sent = await skein.sendEvent(args.thread, args.run, {
      name: args.name,
      ...(payload !== undefined && { payload }),
      ...(args.dedup !== undefined && { dedupKey: args.dedup }),
    });
    reportRun(output, sent);
  },
});

async function jsonPayload(value: string): Promise<Json> {
  const text = await textOrStdin(value);
  try {
    const payload: Json = JSON.parse(text);
    return payload;
  } catch (cause) {
    throw new SkeinError("invalid_json", "The payload must be JSON.", { field: "payload", cause });
  }
}
