import { integer } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { jsonObject } from "../../input.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const state: Command = command({
  summary: "Show what the agents of a thread share, or change it",
  details: "--patch merges a JSON object; null removes a key.",
  examples: [
    "threads state th_123",
    "threads state th_123 --patch '{\"seats\":2}' --expected-state 7",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    patch: { type: "string", valueHint: "JSON", description: "What to change" },
    "expected-state": {
      type: "string",
      valueHint: "version",
      description: "Refuse (exit 5) unless the state is at this version",
    },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const patch = jsonObject(args.patch, "patch");
    const expectedState = integer(args["expected-state"], "expected-state", { from: 0 });
    const skein = await open();
    const { value, version } =
      patch === undefined
        ? await skein.state(args.thread)
        : await skein.patchState(args.thread, patch, {
            ...writeOptions(args),
            ...(expectedState !== undefined && { expectedState }),
          });
    if (output.isJson) output.json({ value, version });
    else {
      output.note(`Version ${version}`);
      output.line(JSON.stringify(value, null, 2));
    }
  },
});
