import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agent, tool } from "../../src/agents/agent.ts";
import { createSkein } from "../../src/agents/create-skein.ts";
import { trackedWorkspace } from "../../src/files/tracked-workspace.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { all, newBench, treeHash } from "./tree.ts";

test("every change is noted with what the file was and became", async () => {
  const { workspace, text, skein, threadId } = await newBench();
  await workspace.write({ path: "docs/a.md", content: "one\n" }, { operationId: "w1" });
  await workspace.edit({ path: "docs/a.md", find: "one", replace: "two" });
  await workspace.move({ from: "docs/a.md", to: "b.md" });
  await workspace.delete("b.md");
  expect(text("docs/a.md")).toBeNull();
  const changes = await all(workspace.changes());
  expect(changes.map(({ action, outcome }) => [action, outcome])).toEqual([
    ["delete", "done"],
    ["move", "done"],
    ["edit", "done"],
    ["write", "done"],
  ]);
  const [, moved, , written] = changes;
  expect(written).toMatchObject({
    operationId: "w1",
    folders: ["docs"],
    edits: [{ path: "docs/a.md", before: null, after: { sizeBytes: 4, mode: 0o644 } }],
  });
  expect(moved?.edits.map(({ path, movedFrom }) => [path, movedFrom])).toEqual([
    ["b.md", "docs/a.md"],
    ["docs/a.md", undefined],
  ]);
  const page = await skein.fileChanges(threadId, { path: "docs/a.md", limit: 2 });
  expect(page.items.map(({ action }) => action)).toEqual(["move", "edit"]);
  const next = await skein.fileChanges(threadId, {
    path: "docs/a.md",
    limit: 2,
    ...(page.nextCursor !== undefined && { cursor: page.nextCursor }),
  });
  expect(next.items.map(({ action }) => action)).toEqual(["write"]);
  expect(next.nextCursor).toBeUndefined();
});

test("changes far apart in a long log are found without reading what is between", async () => {
  const { workspace, skein, threadId } = await newBench();
  await workspace.write({ path: "a", content: "1" });
  for (let n = 0; n < 100; n += 1)
    await skein.append(threadId, { messages: [{ content: `${n}` }] });
  await workspace.write({ path: "a", content: "2" });
  const before = (await skein.get(threadId)).version;
  expect(before).toBeGreaterThan(100);
  const found = await all(workspace.changes());
  expect(found.map(({ edits }) => edits[0]?.after?.sizeBytes)).toEqual([1, 1]);
});

test("an operation is done once, however often it is asked for", async () => {
  const { workspace, text } = await newBench();
  await workspace.write({ path: "a", content: "x" });
  const edit = { path: "a", find: "x", replace: "xx" };
  const first = await workspace.edit(edit, { operationId: "e" });
  expect(await workspace.edit(edit, { operationId: "e" })).toEqual(first);
  expect(text("a")).toBe("xx");
});

test("an operation may ask for several things, and each is done", async () => {
  const { workspace, text } = await newBench();
  const by = { operationId: "op" };
  await workspace.write({ path: "a", content: "1" }, by);
  await workspace.write({ path: "b", content: "1" }, by);
  await workspace.write({ path: "b", content: "2" }, by);
  await workspace.delete("a", by);
  expect([text("a"), text("b")]).toEqual([null, "2"]);
  await workspace.rollback(by);
  expect([text("a"), text("b")]).toEqual([null, null]);
});

test("a tool may ask for the same thing twice", async () => {
  const { root, skein, text } = await newBench();
  const workspace = trackedWorkspace({ root, skein });
  await workspace.write(
    { path: "a", content: "x" },
    { threadId: (await skein.create()).thread.id },
  );
  const double = tool({
    name: "double",
    description: "Doubles every x, twice.",
    input: { type: "object" },
    async execute(_input, context) {
      for (let n = 0; n < 2; n += 1)
        await workspace.edit({ path: "a", find: "x", replace: "xx", all: true }, context);
      return null;
    },
  });
  await using other = createSkein({
    store: skein.store,
    agents: [
      agent({
        name: "doubler",
        model: scriptedModel([[{ toolCall: { name: "double", input: {} } }], "Done."]),
        tools: [double],
      }),
    ],
  });
  const { text: said } = await other.respond({ input: "Go.", agentId: "doubler" });
  expect(said).toBe("Done.");
  expect(text("a")).toBe("xxxx");
  await workspace.close();
});

test("a rollback brings an operation's files back, and can be taken back itself", async () => {
  const { workspace, text, root } = await newBench();
  writeFileSync(join(root, "kept.sh"), "#!/bin/sh\n");
  chmodSync(join(root, "kept.sh"), 0o755);
  const before = treeHash(root);
  const by = { operationId: "op" };
  await workspace.track(
    [".", "kept.sh"],
    () => {
      writeFileSync(join(root, "kept.sh"), "changed");
      chmodSync(join(root, "kept.sh"), 0o600);
      mkdirSync(join(root, "new/deep"), { recursive: true });
      writeFileSync(join(root, "new/deep/x"), "x");
    },
    by,
  );
  const after = treeHash(root);
  const planned = await workspace.rollback(by, { dryRun: true });
  expect(planned).toMatchObject({ isDryRun: true, operationId: null });
  expect(treeHash(root)).toBe(after);
  const done = await workspace.rollback(by);
  expect(done.isComplete).toBe(true);
  expect(treeHash(root)).toBe(before);
  expect(statSync(join(root, "kept.sh")).mode & 0o777).toBe(0o755);
  await expect(workspace.rollback(by)).rejects.toMatchObject({ code: "change_not_found" });
  const undone = await workspace.rollback({ operationId: done.operationId ?? "" });
  expect(undone.isComplete).toBe(true);
  expect(treeHash(root)).toBe(after);
  expect((await workspace.rollback(by)).isComplete).toBe(true);
  expect(treeHash(root)).toBe(before);
  expect(text("kept.sh")).toBe("#!/bin/sh\n");
});

test("a file that somebody changed since is shown with three sides, and nothing is touched", async () => {
  const { workspace, text, root } = await newBench();
  writeFileSync(join(root, "a"), "old\n");
  await workspace.write({ path: "a", content: "agent\n" }, { operationId: "op" });
  await workspace.write({ path: "b", content: "b" }, { operationId: "op2" });
  writeFileSync(join(root, "a"), "agent\nhand\n");
  const everything = { toVersion: 0 };
  const refused = await workspace.rollback(everything);
  expect(refused).toMatchObject({ operationId: null, isComplete: false });
  expect(refused.files.find(({ path }) => path === "a")).toMatchObject({
    action: "conflict",
    outcome: "refused",
    view: { base: "agent\n", ours: "old\n", theirs: "agent\nhand\n" },
  });
  expect(refused.files.find(({ path }) => path === "a")?.view?.diff).toContain("+hand");
  expect([text("a"), text("b")]).toEqual(["agent\nhand\n", "b"]);
  const forced = await workspace.rollback(everything, { force: true });
  expect(forced.isComplete).toBe(true);
  expect([text("a"), text("b")]).toEqual(["old\n", null]);
  await workspace.rollback({ operationId: forced.operationId ?? "" });
  expect([text("a"), text("b")]).toEqual(["agent\nhand\n", "b"]);
});

test("what a later operation changed is not taken back with an earlier one", async () => {
  const { workspace, text } = await newBench();
  await workspace.write({ path: "a", content: "1" }, { operationId: "first" });
  await workspace.write({ path: "a", content: "2" });
  await workspace.write({ path: "a", content: "1" });
  const refused = await workspace.rollback({ operationId: "first" });
  expect(refused.files).toMatchObject([{ action: "conflict", outcome: "refused" }]);
  expect(text("a")).toBe("1");
});

test("a file that nobody could bring back is neither deleted nor replaced", async () => {
  const { workspace, root, text } = await newBench({ limits: { fileBytes: 10 } });
  writeFileSync(join(root, "big"), "x".repeat(11));
  await expect(workspace.delete("big")).rejects.toMatchObject({ code: "limit_exceeded" });
  await expect(workspace.move({ from: "big", to: "b" })).rejects.toMatchObject({
    code: "limit_exceeded",
  });
  await workspace.track(["."], () => rmSync(join(root, "big")), { operationId: "t" });
  const result = await workspace.rollback({ operationId: "t" });
  expect(result.files).toMatchObject([{ action: "not-kept", outcome: "refused" }]);
  expect(text("big")).toBeNull();
});

test("a tracked function that throws is noted all the same", async () => {
  const { workspace, root, text } = await newBench();
  const work = workspace.track(
    ["."],
    () => {
      writeFileSync(join(root, "half"), "h");
      throw new Error("broke");
    },
    { operationId: "t" },
  );
  await expect(work).rejects.toThrow("broke");
  expect(await all(workspace.changes())).toMatchObject([
    { outcome: "interrupted", edits: [{ path: "half" }] },
  ]);
  await workspace.rollback({ operationId: "t" });
  expect(text("half")).toBeNull();
});

test("more files than one record takes are tracked and brought back", async () => {
  const { workspace, root } = await newBench();
  const before = treeHash(root);
  await workspace.track(
    ["."],
    () => {
      mkdirSync(join(root, "many"));
      for (let n = 0; n < 250; n += 1) writeFileSync(join(root, `many/${n}`), `${n}`);
    },
    { operationId: "t" },
  );
  const changed = await all(workspace.changes());
  expect(changed.map(({ edits }) => edits.length)).toEqual([50, 100, 100]);
  const { files, isComplete } = await workspace.rollback({ operationId: "t" });
  expect([files.length, isComplete]).toEqual([250, true]);
  expect(existsSync(join(root, "many"))).toBe(false);
  expect(treeHash(root)).toBe(before);
});

test("a diff shows text, and names what is binary", async () => {
  const { workspace } = await newBench();
  await workspace.write({ path: "a.txt", content: "one\ntwo\n" });
  await workspace.edit({ path: "a.txt", find: "two", replace: "three" });
  await workspace.write({ path: "b.bin", content: new Uint8Array([0, 1, 2]) });
  await workspace.move({ from: "a.txt", to: "c.txt" });
  const [moved, binary, edited] = await all(workspace.changes());
  expect(await workspace.diff(edited ?? { edits: [] })).toBe(
    "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n",
  );
  expect(await workspace.diff(binary ?? { edits: [] })).toContain(
    "Binary files /dev/null and b/b.bin differ",
  );
  expect(await workspace.diff(moved ?? { edits: [] })).toContain(
    "rename from a.txt\nrename to c.txt",
  );
});

test("a file that made room for a folder, and a folder that made room for a file, come back", async () => {
  const { workspace, root } = await newBench();
  mkdirSync(join(root, "folder/inner"), { recursive: true });
  writeFileSync(join(root, "folder/inner/x"), "x");
  writeFileSync(join(root, "file"), "f");
  const before = treeHash(root);
  await workspace.delete("file");
  await workspace.write({ path: "file/deep/y", content: "y" });
  await workspace.track(["."], () => {
    rmSync(join(root, "folder"), { recursive: true });
    writeFileSync(join(root, "folder"), "now a file");
  });
  const after = treeHash(root);
  const back = await workspace.rollback({ toVersion: 0 });
  expect(back.isComplete).toBe(true);
  expect(treeHash(root)).toBe(before);
  const again = await workspace.rollback({ operationId: back.operationId ?? "" });
  expect(again.isComplete).toBe(true);
  expect(treeHash(root)).toBe(after);
});

test("a file that cannot come back, because what comes back beside it needs a folder there, is a conflict", async () => {
  const { workspace, root } = await newBench();
  writeFileSync(join(root, "a"), "a");
  await workspace.move({ from: "a", to: "b" });
  mkdirSync(join(root, "a"));
  writeFileSync(join(root, "a/n"), "by hand");
  await workspace.move({ from: "b", to: "a/n", replace: true });
  const before = treeHash(root);
  const { files, isComplete } = await workspace.rollback({ toVersion: 0 });
  expect(isComplete).toBe(false);
  expect(files.find(({ path }) => path === "a")).toMatchObject({ action: "conflict" });
  expect(treeHash(root)).toBe(before);
});
