import type { Duration } from "../../../model/duration.ts";
import type { OpenInput } from "../../../engine/lifecycle/lifecycle-calls.ts";
import { millisecondsIn } from "../../../store/duration.ts";
import { threadToWire } from "../../../http/native/thread-to-wire.ts";
import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { titleOf } from "../../format/thread.ts";

export const openThread: Command = command({
  summary: "Find a thread by its alias, or make it",
  details:
    "Prints its id. The alias is the user's own; behind a deleted or expired thread it names a new one.",
  examples: [
    "threads open --alias plans",
    "threads open --session 42",
    "threads open --alias draft --expires-in 7d --sliding",
  ],
  args: {
    alias: { type: "string", valueHint: "text", description: "The name of the thread" },
    session: {
      type: "string",
      valueHint: "text",
      description: "A session's thread: it expires 24 h after its last change",
    },
    project: { type: "string", valueHint: "text", description: "A project's thread" },
    feature: { type: "string", valueHint: "text", description: "A feature's thread" },
    title: { type: "string", valueHint: "text", description: "Title of a new thread" },
    "expires-in": {
      type: "string",
      valueHint: "time",
      description: "When a new thread expires: 90s, 30m, 12h, 7d",
    },
    sliding: { type: "boolean", description: "Count it from the last change" },
    ephemeral: { type: "boolean", description: "Erase it then, for good" },
  },
  async run({ args, output, open }) {
    const { alias, session, project, feature } = args;
    const expiresIn = durationOf(args["expires-in"]);
    const names = {
      ...(alias !== undefined && { alias }),
      ...(session !== undefined && { session }),
      ...(project !== undefined && { project }),
      ...(feature !== undefined && { feature }),
    };
    const input = {
      ...names,
      ...(args.title !== undefined && { title: args.title }),
      ...(expiresIn !== undefined && { expiresIn }),
      ...(args.sliding && { sliding: true }),
      ...(args.ephemeral && { ephemeral: true }),
    };
    const skein = await open();
    // Exactly one way is required of the type, and checked where it is used.
    const { thread, isNew } = await skein.getOrCreate(input as OpenInput);
    if (output.isJson) output.json({ ...threadToWire(thread), is_new: isNew });
    else {
      output.line(thread.id);
      output.note(`${isNew ? "Created" : "Found"} ${titleOf(thread)}.`);
    }
  },
});

export function durationOf(text: string | undefined): Duration | undefined {
  if (text === undefined) return undefined;
  const milliseconds = millisecondsIn(text);
  if (milliseconds > 0) return milliseconds;
  throw usageError(`--expires-in must be a time like 30m, 12h or 7d, not "${text}".`, "expires-in");
}
