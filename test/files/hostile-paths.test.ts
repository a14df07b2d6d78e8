import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { trackedWorkspace } from "../../src/files/tracked-workspace.ts";
import { all, newBench, newFolder, treeHash } from "./tree.ts";
import type { Bench } from "./tree.ts";

const REFUSED: Readonly<Record<string, string>> = {
  "no path": "",
  "a path that leaves the root": "../outside",
  "a path that leaves the root on the way": "a/../../outside",
  "dots that stay inside": "a/../b",
  "an absolute path": "/etc/passwd",
  "an absolute path of Windows": "C:/Windows/system.ini",
  "a path relative to a drive": "C:boot.ini",
  "a path of a network": "\\\\server\\share",
  "backslashes that leave the root": "..\\outside",
  NUL: "a\0.txt",
  "a line break": "a\nb",
  "an escape sequence": "a\u001B[2J",
  "half a surrogate pair": "a\uD800",
  "a name of 256 bytes": "n".repeat(256),
  "a name of 86 characters that are 258 bytes": "€".repeat(86),
  "a path of 5,000 bytes": Array.from({ length: 500 }, () => "123456789").join("/"),
  "the repository's folder": ".git/hooks/post-checkout",
  "the repository's folder in capitals": ".GIT/config",
  "the repository's folder deeper down": "module/.git/config",
  "the repository's folder with a dot behind it": ".git./config",
  "the repository's folder with what cannot be seen": ".g\u200Cit/config",
  "the repository's folder in full width": ".ｇｉｔ/config",
  "the repository's folder as Windows shortens it": "GIT~1/config",
  "the workspace's own folder": ".skein/workspace.lock",
  "the workspace's own folder in capitals": ".SKEIN/workspace-id",
  "the root itself": ".",
};

for (const [name, path] of Object.entries(REFUSED))
  test(`${name} is refused, for reading and for writing`, async () => {
    const { workspace, root } = await newBench();
    const before = treeHash(root);
    await expectRefused(workspace.read(path));
    await expectRefused(workspace.write({ path, content: "x" }));
    await expectRefused(workspace.delete(path));
    await workspace.write({ path: "here", content: "x" });
    await expectRefused(workspace.move({ from: "here", to: path }));
    await workspace.delete("here");
    expect(treeHash(root)).toBe(before);
  });

test("a link that leads out of the root is refused, on the way and at the end", async () => {
  const bench = await newBench();
  const outside = newFolder();
  writeFileSync(join(outside, "secret"), "secret");
  symlinkSync(outside, join(bench.root, "folder"));
  symlinkSync(join(outside, "secret"), join(bench.root, "file"));
  symlinkSync(join(outside, "new"), join(bench.root, "dangling"));
  for (const path of ["folder/secret", "folder/new", "file", "dangling"]) {
    await expectRefused(bench.workspace.read(path));
    await expectRefused(bench.workspace.write({ path, content: "x" }));
  }
  expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
});

test("a link to itself is refused", async () => {
  const { workspace, root } = await newBench();
  symlinkSync("loop", join(root, "loop"));
  await expectRefused(workspace.read("loop"));
  await expectRefused(workspace.write({ path: "loop/x", content: "x" }));
});

test("a link inside the root is the file that it leads to", async () => {
  const { workspace, root, text } = await newBench();
  mkdirSync(join(root, "real"));
  writeFileSync(join(root, "real/a"), "1");
  symlinkSync("real", join(root, "alias"));
  await workspace.write({ path: "alias/a", content: "2" }, { operationId: "op" });
  expect((await all(workspace.changes()))[0]?.edits[0]?.path).toBe("real/a");
  await workspace.rollback({ operationId: "op" });
  expect(text("real/a")).toBe("1");
});

test("a link inside the root to what is protected is refused", async () => {
  const { workspace, root } = await newBench();
  mkdirSync(join(root, ".git"));
  symlinkSync(".git", join(root, "innocent"));
  await expectRefused(workspace.write({ path: "innocent/config", content: "x" }));
});

test("a folder that became a link out of the root keeps a rollback from touching anything", async () => {
  const { workspace, root } = await newBench();
  const outside = newFolder();
  mkdirSync(join(root, "a"));
  await workspace.write({ path: "a/x", content: "1" }, { operationId: "op" });
  renameSync(join(root, "a"), join(root, "moved"));
  symlinkSync(outside, join(root, "a"));
  writeFileSync(join(outside, "x"), "1");
  await expectRefused(workspace.rollback({ operationId: "op" }));
  expect(readFileSync(join(outside, "x"), "utf8")).toBe("1");
});

test("a hard link to a file elsewhere is replaced, and the file elsewhere stays", async () => {
  const { workspace, root, text } = await newBench();
  const outside = newFolder();
  writeFileSync(join(outside, "shared"), "shared");
  linkSync(join(outside, "shared"), join(root, "linked"));
  await workspace.write({ path: "linked", content: "mine" });
  expect(text("linked")).toBe("mine");
  expect(readFileSync(join(outside, "shared"), "utf8")).toBe("shared");
});

test("a pipe, which nobody writes to, is refused at once", async () => {
  const { workspace, root } = await newBench();
  execFileSync("env", ["mkfifo", join(root, "pipe")]);
  await expectRefused(workspace.read("pipe"));
  await expectRefused(workspace.write({ path: "pipe", content: "x" }));
  expect((await workspace.list()).files).toMatchObject([{ path: "pipe", kind: "other" }]);
});

test("a device is refused", async () => {
  const { workspace, root } = await newBench();
  symlinkSync("/dev/zero", join(root, "zero"));
  await expectRefused(workspace.read("zero"));
  await expectRefused(workspace.write({ path: "zero", content: "x" }));
});

test("a device's name is refused where the system is Windows", async () => {
  const { locate } = await import("../../src/files/locate.ts");
  const root = newFolder();
  const jail = { root, protects: [], isCaseInsensitive: true, isWindows: true };
  for (const path of ["CON", "a/nul.txt", "com1", "file.txt:stream"])
    await expectRefused(locate(jail, path));
  expect((await locate(jail, "console")).path).toBe("console");
});

test("where cases are not told apart, two spellings are one file", async () => {
  const { workspace, root } = await newBench({ isCaseInsensitive: true });
  mkdirSync(join(root, "Docs"));
  writeFileSync(join(root, "Docs/Notes.md"), "1");
  await workspace.write({ path: "docs/NOTES.md", content: "2" });
  expect((await all(workspace.changes()))[0]?.edits).toMatchObject([
    { path: "Docs/Notes.md", before: { sizeBytes: 1 } },
  ]);
});

test("a folder is neither read nor replaced nor deleted", async () => {
  const { workspace, root } = await newBench();
  mkdirSync(join(root, "folder"));
  await expectRefused(workspace.read("folder"));
  await expectRefused(workspace.write({ path: "folder", content: "x" }));
  await expectRefused(workspace.delete("folder"));
  writeFileSync(join(root, "file"), "x");
  await expectRefused(workspace.write({ path: "file/below", content: "x" }));
});

test("a workspace whose own folder is a link is not opened", async () => {
  const { skein, threadId }: Bench = await newBench();
  const root = newFolder();
  symlinkSync(newFolder(), join(root, ".skein"));
  const workspace = trackedWorkspace({ root, skein, threadId });
  await expectRefused(workspace.write({ path: "a", content: "x" }));
});

test("a name like those that every object has is a file like any other", async () => {
  const { workspace, root, text } = await newBench();
  const before = treeHash(root);
  await workspace.track(["."], () => writeFileSync(join(root, "__proto__"), "x"), {
    operationId: "op",
  });
  await workspace.write({ path: "constructor", content: "y" }, { operationId: "op" });
  expect(text("__proto__")).toBe("x");
  await workspace.rollback({ operationId: "op" });
  expect(treeHash(root)).toBe(before);
});

async function expectRefused(work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toMatchObject({ code: "path_refused" });
}
