import type { FileChange } from "../../../engine/file-calls.ts";
import { fileChangeToWire } from "../../../http/native/file-to-wire.ts";
import { type Command, command } from "../../command.ts";
import { changesOf, FILES_ARGS } from "../../files-args.ts";
import { time } from "../../format/figures.ts";
import { oneLine } from "../../format/printable.ts";
import { table } from "../../format/table.ts";
import { LIST_ARGS, noteNextPage } from "../../list-args.ts";

export const changes: Command = command({
  summary: "List what tools changed in files, newest first",
  examples: ["files changes th_123", "files changes th_123 --path src/main.ts --json"],
  args: { ...FILES_ARGS, ...LIST_ARGS },
  async run({ args, output, open }) {
    const skein = await open();
    const page = await skein.fileChanges(args.thread, changesOf(args));
    if (output.isJson) for (const change of page.items) output.json(fileChangeToWire(change));
    else for (const line of table(page.items.map(changeRow), output.columns)) output.line(line);
    if (page.items.length === 0 && !output.isJson) output.note("No changes.");
    noteNextPage(output, page.nextCursor);
  },
});

function changeRow({ changeId, version, at, action, outcome, edits }: FileChange): string[] {
  const paths = edits.map(({ path }) => oneLine(path, 200));
  const more = paths.length > 3 ? `, and ${paths.length - 3} more` : "";
  return [
    `${version}`,
    time(at),
    action,
    outcome,
    changeId,
    `${paths.slice(0, 3).join(", ")}${more}`,
  ];
}
