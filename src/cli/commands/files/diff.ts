import type { FileState } from "../../../model/file-change.ts";
import { unifiedDiff } from "../../../files/unified-diff.ts";
import { type Command, command } from "../../command.ts";
import { changesOf, FILES_ARGS } from "../../files-args.ts";
import { LIST_ARGS, noteNextPage } from "../../list-args.ts";

export const diff: Command = command({
  summary: "Print what tools changed in files as unified diffs, oldest first",
  examples: ["files diff th_123", "files diff th_123 --operation run_1:tool:call_1"],
  args: { ...FILES_ARGS, ...LIST_ARGS },
  async run({ args, output, open }) {
    const skein = await open();
    const page = await skein.fileChanges(args.thread, changesOf(args));
    const load = async ({ sha256 }: FileState): Promise<Uint8Array> =>
      (await skein.getBlob(sha256)).bytes;
    for (const change of page.items.toReversed())
      for (const edit of change.edits) {
        const patch = await unifiedDiff(edit, load);
        if (output.isJson)
          output.json({ change_id: change.changeId, path: edit.path, diff: patch });
        else for (const line of patch.trimEnd().split("\n")) output.line(line);
      }
    noteNextPage(output, page.nextCursor);
  },
});
