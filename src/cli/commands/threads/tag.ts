import { commaList } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const tag: Command = command({
  summary: "Add and remove tags",
  details: "Without tags it lists those that the thread has.",
  examples: ["threads tag th_123 work,urgent", "threads tag th_123 --remove urgent"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    tags: { type: "positional", required: false, description: "Tags to add, with commas" },
    remove: { type: "string", valueHint: "a,b", description: "Tags to remove" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const add = commaList(args.tags);
    const remove = commaList(args.remove);
    const skein = await open();
    if (add.length > 0 || remove.length > 0) {
      const before = await skein.get(args.thread);
      const thread = await skein.tag(args.thread, { add, remove }, writeOptions(args));
      const isSame = String([...before.tags].sort()) === String([...thread.tags].sort());
      reportThread(output, thread, isSame ? "The tags were so already:" : doneBy(add, remove));
      return;
    }
    const { tags } = await skein.get(args.thread);
    if (output.isJson) output.json(tags);
    else for (const name of tags) output.line(name);
  },
});

function doneBy(add: readonly string[], remove: readonly string[]): string {
  if (add.length === 0) return "Removed tags of";
  return remove.length === 0 ? "Tagged" : "Changed the tags of";
}
