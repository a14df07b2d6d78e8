import type { TrimInput, TrimResult } from "../../../engine/engine.ts";
import { threadToWire } from "../../../http/native/thread-to-wire.ts";
import { integer, usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { EXIT } from "../../exit-code.ts";
import { count } from "../../format/figures.ts";
import { titleOf } from "../../format/thread.ts";
import type { Output } from "../../output.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const trim: Command = command({
  summary: "Let go of old messages and of the log, for good",
  details:
    "Every branch keeps its newest messages, in whole turns, and all system messages. What is older than the trim cannot be read, restored or forked any more. Asks first when it runs in a terminal; elsewhere --yes is required.",
  examples: [
    "threads trim th_123 --keep-last 100 --dry-run",
    "threads trim th_123 --keep-last 100 --yes",
    "threads trim th_123 --before 2026-01-31 --yes",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    "keep-last": { type: "string", valueHint: "number", description: "Keep so many messages" },
    before: { type: "string", valueHint: "date", description: "Keep messages since this time" },
    "dry-run": { type: "boolean", description: "Only say what would go" },
    yes: { type: "boolean", description: "Do not ask" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const input = inputOf(args["keep-last"], args.before);
    const options = writeOptions(args);
    const isDry = args["dry-run"] === true;
    if (!isDry && !args.yes && !process.stdin.isTTY)
      throw usageError("Nobody can be asked here. Add --yes to trim.", "yes");
    const skein = await open();
    if (isDry || !args.yes) {
      const tried = await skein.trim(args.thread, input, { ...options, dryRun: true });
      if (isDry) {
        report(output, tried, "would go");
        return EXIT.ok;
      }
      const question = `Let go of ${lost(tried)} of ${titleOf(tried.thread)} for good?`;
      if (tried.branches.length > 0 && !(await confirm(question))) {
        output.note("Nothing was trimmed.");
        return EXIT.failure;
      }
    }
    report(output, await skein.trim(args.thread, input, options), "went");
    return EXIT.ok;
  },
});

function inputOf(keep: string | undefined, before: string | undefined): TrimInput {
  if ((keep === undefined) === (before === undefined))
    throw usageError("Give either --keep-last or --before.", "keep-last");
  const keepLast = integer(keep, "keep-last", { from: 1 });
  if (keepLast !== undefined) return { keepLast };
  const time = Date.parse(before ?? "");
  if (Number.isNaN(time)) throw usageError("--before must be a date or a time.", "before");
  return { before: time };
}

function report(output: Output, result: TrimResult, verb: string): void {
  if (output.isJson) {
    output.json({ thread: threadToWire(result.thread), branches: result.branches });
    return;
  }
  output.line(result.thread.id);
  for (const { name, trimmed } of result.branches)
    output.note(`${count(trimmed, "message")} of ${name} ${verb}.`);
  if (result.branches.length === 0) output.note("Nothing is old enough to be trimmed.");
}

function lost({ branches }: TrimResult): string {
  return branches.map(({ name, trimmed }) => `${count(trimmed, "message")} of ${name}`).join(", ");
}
