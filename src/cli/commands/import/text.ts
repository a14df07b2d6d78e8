import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import type { MessageInput } from "../../../engine/engine.ts";
import type { MemberRole } from "../../../model/principal.ts";
import { commaList, usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { count } from "../../format/figures.ts";
import { textFile } from "../../input.ts";
import { paragraphs } from "../../paragraphs.ts";

const BATCH = 100;

export const text: Command = command({
  summary: "Make a thread of a text file, one message per paragraph",
  details:
    "Users and agent take turns: first user, agent, second user, agent … With --id the same import again changes nothing, and one that was interrupted is completed.",
  examples: [
    "import text notes.md",
    'import text minutes.txt --users alice,bob --agent assistant --title "Minutes"',
    "import text - --id minutes-2026-11 < minutes.txt",
  ],
  args: {
    file: { type: "positional", required: true, description: "A UTF-8 text file; - reads stdin" },
    users: { type: "string", valueHint: "a,b", description: "Who speaks (default: the user)" },
    agent: {
      type: "string",
      valueHint: "name",
      description: "Who answers (default: the default agent)",
    },
    title: { type: "string", valueHint: "text", description: "Title (default: the file's name)" },
    id: { type: "string", valueHint: "id", description: "Id of the thread" },
  },
  signals: "watch",
  async run({ args, output, open, settings, signal }) {
    const found = paragraphs(await textFile(args.file));
    if (found.length === 0) throw usageError(`${args.file} holds no text.`, "file");
    const user = (await settings()).user ?? "local";
    const given = commaList(args.users);
    const users = given.length > 0 ? given : [user];
    const skein = await open();
    const agent = args.agent ?? skein.defaultAgent;
    const messages = found.map((content, index) => turn(content, index, users, agent));
    const title = args.title ?? (args.file === "-" ? undefined : nameOf(args.file));
    // The keys hold the content, so that the same id with other content is a conflict and not a second import.
    const digest = createHash("sha256")
      .update(JSON.stringify([title ?? null, messages]))
      .digest("hex")
      .slice(0, 32);
    const key = (step: string): { readonly opId?: string } =>
      args.id === undefined ? {} : { opId: `import:${digest}:${step}` };
    const { thread } = await skein.create(
      {
        ...(args.id !== undefined && { id: args.id }),
        ...(title !== undefined && { title }),
        ...(skein.agents.some(({ name }) => name === agent) && { agentId: agent }),
        members: membersOf(users, user),
      },
      key("create"),
    );
    let batches = 0;
    for (let from = 0; from < messages.length && !signal.aborted; from += BATCH) {
      const batch = messages.slice(from, from + BATCH);
      await skein.append(thread.id, { messages: batch }, key(String(from)));
      batches++;
    }
    signal.throwIfAborted();
    const after = await skein.get(thread.id);
    if (output.isJson) {
      output.json({
        thread_id: thread.id,
        title: after.title,
        messages: messages.length,
        batches,
        version: after.version,
      });
      return;
    }
    output.line(thread.id);
    output.note(`Imported ${count(messages.length, "message")} in ${count(batches, "batch")}.`);
  },
});

function turn(
  content: string,
  index: number,
  users: readonly string[],
  agent: string,
): MessageInput {
  if (index % 2 === 1) return { role: "assistant", author: agent, content };
  const author = users[(index / 2) % users.length];
  return { role: "user", content, ...(author !== undefined && { author }) };
}

/** Everybody who speaks may read on, and write. */
function membersOf(users: readonly string[], owner: string): Readonly<Record<string, MemberRole>> {
  return Object.fromEntries(users.filter((user) => user !== owner).map((user) => [user, "editor"]));
}

function nameOf(path: string): string {
  return basename(path, extname(path));
}
