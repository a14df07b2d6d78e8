import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { threadFileTracker } from "../../src/files/thread-file-tracker.ts";
import { all, newBench, treeHash } from "./tree.ts";

test("an operation's changes are recorded, and rolled back newest first", async () => {
  const { workspace, root, threadId, text } = await newBench();
  writeFileSync(join(root, "old"), "old");
  const before = treeHash(root);
  const tracker = threadFileTracker(workspace);
  const record = (path: string, type: "create" | "modify" | "delete", newContent?: string) =>
    tracker.recordFileChange(threadId, "op", {
      path,
      type,
      ...(newContent !== undefined && { newContent }),
    });
  await record("new", "create", "1");
  await record("new", "modify", "2");
  await record("old", "delete");
  await expect(record("new", "create", "3")).rejects.toMatchObject({ code: "file_conflict" });
  expect((await all(tracker.changes(threadId))).map(({ path, type }) => [path, type])).toEqual([
    ["old", "delete"],
    ["new", "modify"],
    ["new", "create"],
  ]);
  writeFileSync(join(root, "new"), "by hand");
  await expect(tracker.rollbackOperation(threadId, "op")).rejects.toMatchObject({
    code: "file_conflict",
    details: { paths: ["new"] },
  });
  expect([text("new"), text("old")]).toEqual(["by hand", null]);
  writeFileSync(join(root, "new"), "2");
  await tracker.rollbackOperation(threadId, "op");
  expect(treeHash(root)).toBe(before);
});
