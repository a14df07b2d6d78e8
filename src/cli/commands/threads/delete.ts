import type { Skein } from "../../../agents/skein.ts";
import { isSkeinError } from "../../../model/error.ts";
import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { EXIT } from "../../exit-code.ts";
import { count } from "../../format/figures.ts";
import { titleOf } from "../../format/thread.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const remove: Command = command({
  summary: "Delete a thread; it can be undeleted for 30 days",
  details: "Asks first when it runs in a terminal; elsewhere --yes is required.",
  examples: ["threads delete th_123", "threads delete th_123 --purge --yes"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    purge: { type: "boolean", description: "Erase it at once, for good" },
    yes: { type: "boolean", description: "Do not ask" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const options = writeOptions(args);
    if (!args.yes && !process.stdin.isTTY)
      throw usageError("Nobody can be asked here. Add --yes to delete.", "yes");
    const skein = await open();
    if (!args.yes) {
      const thread = await skein.get(args.thread);
      const what = `${titleOf(thread)} (${count(thread.messagesTotal, "message")})`;
      const question = args.purge ? `Erase ${what} for good?` : `Delete ${what}?`;
      if (!(await confirm(question))) {
        output.note("Nothing was deleted.");
        return EXIT.failure;
      }
    }
    await skein.delete(args.thread, { ...options, ...(args.purge && { purge: true }) });
    if (output.isJson) output.json({ id: args.thread, deleted: true, purged: args.purge === true });
    else {
      output.line(args.thread);
      output.note(args.purge ? "Erased." : "Deleted. `skein threads undelete` takes it back.");
    }
    return EXIT.ok;
  },
});

export const undelete: Command = command({
  summary: "Take back the deletion of a thread",
  details: "Possible for 30 days, unless it was purged.",
  examples: ["threads undelete th_123"],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const skein = await open();
    const wasDeleted = await isDeleted(skein, args.thread);
    const thread = await skein.undelete(args.thread, writeOptions(args));
    reportThread(output, thread, wasDeleted ? "Undeleted" : "It was not deleted:");
  },
});

async function isDeleted(skein: Skein, id: string): Promise<boolean> {
  try {
    await skein.get(id);
    return false;
  } catch (error) {
    if (isSkeinError(error, "thread_deleted")) return true;
    throw error;
  }
}
