import { branchToWire } from "../../../http/native/thread-to-wire.ts";
import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { table } from "../../format/table.ts";
import { branchRow } from "../../format/thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const branches: Command = command({
  summary: "List, make, rename and remove branches",
  details: "A branch is a name for a place in the messages; removing it removes no message.",
  examples: [
    "threads branches th_123",
    "threads branches th_123 --create idea --message msg_456",
    "threads branches th_123 --rename main~1 --to first-try",
    "threads branches th_123 --remove idea",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    create: { type: "string", valueHint: "name", description: "Make a branch" },
    message: { type: "string", valueHint: "id", description: "… that ends in this message" },
    from: { type: "string", valueHint: "branch", description: "… of this branch (main)" },
    rename: { type: "string", valueHint: "name", description: "Rename this branch" },
    to: { type: "string", valueHint: "name", description: "… to this name" },
    remove: { type: "string", valueHint: "name", description: "Remove this branch" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const { thread, create, rename, to, remove } = args;
    const actions = [create, rename, remove].filter((name) => name !== undefined);
    if (actions.length > 1)
      throw usageError("--create, --rename and --remove exclude one another.");
    if ((rename === undefined) !== (to === undefined))
      throw usageError(
        "--rename and --to belong together.",
        rename === undefined ? "rename" : "to",
      );
    const options = writeOptions(args);
    const skein = await open();
    if (create !== undefined) {
      await skein.branch(
        thread,
        {
          name: create,
          ...(args.message !== undefined && { messageId: args.message }),
          ...(args.from !== undefined && { from: args.from }),
        },
        options,
      );
    }
    if (rename !== undefined && to !== undefined)
      await skein.renameBranch(thread, rename, to, options);
    if (remove !== undefined) await skein.removeBranch(thread, remove, options);
    const heads = await skein.branches(thread);
    if (output.isJson) for (const head of heads) output.json(branchToWire(head));
    else for (const line of table(heads.map(branchRow), output.columns)) output.line(line);
  },
});
