import { commaList } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { table } from "../../format/table.ts";
import { WRITE_ARGS, writeOptions } from "../../write-args.ts";
import { membersFrom } from "./new.ts";

export const members: Command = command({
  summary: "List, add and remove members",
  details: "A viewer reads, an editor writes, an owner also manages members and deletes.",
  examples: [
    "threads members th_123",
    "threads members th_123 --set bob:editor,carol:viewer",
    "threads members th_123 --remove bob",
  ],
  args: {
    thread: { type: "positional", required: true, description: "Id of the thread" },
    set: { type: "string", valueHint: "user:role,…", description: "Add members or change roles" },
    remove: { type: "string", valueHint: "user,…", description: "Remove members" },
    ...WRITE_ARGS,
  },
  async run({ args, output, open }) {
    const changes = Object.entries(membersFrom(args.set));
    const leaving = commaList(args.remove);
    const { expectedVersion, ...options } = writeOptions(args);
    let expected = expectedVersion === undefined ? options : { ...options, expectedVersion };
    const skein = await open();
    // The version that the caller saw precedes the first change only.
    for (const [user, role] of changes) {
      await skein.setMember(args.thread, user, role, expected);
      expected = {};
    }
    for (const user of leaving) {
      await skein.removeMember(args.thread, user, expected);
      expected = {};
    }
    const thread = await skein.get(args.thread);
    const rows = [[thread.owner, "owner"], ...Object.entries(thread.members)];
    if (output.isJson) for (const [user = "", role = ""] of rows) output.json({ user, role });
    else for (const line of table(rows)) output.line(line);
  },
});
