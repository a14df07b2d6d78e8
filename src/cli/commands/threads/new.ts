import { threadToWire } from "../../../http/native/thread-to-wire.ts";
import type { CreateInput } from "../../../engine/engine.ts";
import type { MemberRole } from "../../../model/principal.ts";
import { commaList, usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { titleOf } from "../../format/thread.ts";
import { jsonObject, textOrStdin } from "../../input.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";

export const create: Command = command({
  summary: "Create a thread",
  details: "Prints its id. Without a title, the first message gives one.",
  examples: [
    'threads new --title "Release plan" --tags work,release',
    "threads new --member bob:editor,carol:viewer",
    `threads new --id ticket-42 --metadata '{"customer":"c_9"}' --json`,
  ],
  args: {
    title: { type: "string", valueHint: "text", description: "Title" },
    id: { type: "string", valueHint: "id", description: "An id of your own choice" },
    agent: { type: "string", valueHint: "name", description: "The agent that answers" },
    message: { type: "string", valueHint: "text", description: "A first message; - reads stdin" },
    metadata: { type: "string", valueHint: "json", description: "A JSON object" },
    tags: { type: "string", valueHint: "a,b", description: "Tags" },
    member: { type: "string", valueHint: "user:role,…", description: "viewer, editor or owner" },
    environment: {
      type: "boolean",
      description: "Keep platform, directory, git state and tool versions with the thread",
    },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const metadata = jsonObject(args.metadata, "metadata");
    const tags = commaList(args.tags);
    const members = membersFrom(args.member);
    const message = args.message === undefined ? undefined : await textOrStdin(args.message);
    const input: CreateInput = {
      ...(args.id !== undefined && { id: args.id }),
      ...(args.title !== undefined && { title: args.title }),
      ...(args.agent !== undefined && { agentId: args.agent }),
      ...(metadata !== undefined && { metadata }),
      ...(tags.length > 0 && { tags }),
      ...(args.member !== undefined && { members }),
      ...(args.environment && { captureEnvironment: true }),
      ...(message !== undefined && { messages: [{ content: message }] }),
    };
    const skein = await open();
    if (args.agent !== undefined) skein.agent(args.agent);
    const { thread } = await skein.create(input, writeOptions(args));
    if (output.isJson) output.json(threadToWire(thread));
    else {
      output.line(thread.id);
      output.note(`Created ${titleOf(thread)}.`);
    }
  },
});

/** `bob:editor,carol:viewer` as an object; a name without role is an editor. */
export function membersFrom(value: string | undefined): Readonly<Record<string, MemberRole>> {
  return Object.fromEntries(
    commaList(value).map((item): [string, MemberRole] => {
      const colon = item.lastIndexOf(":");
      const user = colon < 0 ? item : item.slice(0, colon);
      const role = colon < 0 ? "editor" : item.slice(colon + 1);
      if (role !== "viewer" && role !== "editor" && role !== "owner")
        throw usageError(`The role of ${user} must be viewer, editor or owner, not "${role}".`);
      return [user, role];
    }),
  );
}
