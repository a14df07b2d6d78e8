import type { Skein } from "../../../agents/skein.ts";
import { isSkeinError } from "../../../model/error.ts";
import { usageError } from "../../arguments.ts";
import { type Command, command, type Invocation } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { EXIT } from "../../exit-code.ts";
import type { ExitCode } from "../../exit-code.ts";
import { count } from "../../format/figures.ts";
import { titleOf } from "../../format/thread.ts";
import { reportThread } from "../../report-thread.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

const ARGS = {
  thread: { type: "positional", required: true, description: "Id of the thread" },
  yes: { type: "boolean", description: "Do not ask" },
  ...WRITE_ARGS,
} as const;

const ASKS = "Asks first when it runs in a terminal; elsewhere --yes is required.";

export const remove: Command = command({
  summary: "Delete a thread; it can be undeleted for 30 days",
  details: ASKS,
  examples: ["threads delete th_123", "threads delete th_123 --purge --yes"],
  args: { ...ARGS, purge: { type: "boolean", description: "Erase it at once, for good" } },
  run: (invocation) => takeAway(invocation, invocation.args.purge === true),
});

export const purge: Command = command({
  summary: "Erase a thread at once, for good",
  details: `Also one that was deleted before. Forks keep what they share of it. ${ASKS}`,
  examples: ["threads purge th_123", "threads purge th_123 --yes"],
  args: ARGS,
  run: (invocation) => takeAway(invocation, true),
});

async function takeAway(
  { args, output, open }: Pick<Invocation<typeof ARGS>, "args" | "output" | "open">,
  isPurge: boolean,
): Promise<ExitCode> {
  const options = writeOptions(args);
  if (!args.yes && !process.stdin.isTTY)
    throw usageError(
      `Nobody can be asked here. Add --yes to ${isPurge ? "purge" : "delete"}.`,
      "yes",
    );
  const skein = await open();
  if (!args.yes) {
    const what = await described(skein, args.thread, isPurge);
    if (!(await confirm(isPurge ? `Erase ${what} for good?` : `Delete ${what}?`))) {
      output.note("Nothing was deleted.");
      return EXIT.failure;
    }
  }
  await skein.delete(args.thread, { ...options, purge: isPurge });
  if (output.isJson) output.json({ id: args.thread, deleted: true, purged: isPurge });
  else {
    output.line(args.thread);
    output.note(isPurge ? "Erased." : "Deleted. `skein threads undelete` takes it back.");
  }
  return EXIT.ok;
}

/** What a person is asked about. A deleted thread is read no more, and can be purged all the same. */
async function described(skein: Skein, id: string, isPurge: boolean): Promise<string> {
  try {
    const thread = await skein.get(id);
    return `${titleOf(thread)} (${count(thread.messagesTotal, "message")})`;
  } catch (error) {
    if (isPurge && isSkeinError(error, "thread_deleted")) return `${id}, which was deleted,`;
    throw error;
  }
}

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
