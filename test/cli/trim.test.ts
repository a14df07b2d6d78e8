import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

let work: Workspace;
const T = "long";

beforeAll(async () => {
  work = await createWorkspace();
  await work.skein(["threads", "new", "--id", T, "--title", "Long"]);
  for (const said of ["one", "two", "three"]) await work.skein(["messages", "add", T, said]);
});

afterAll(() => work[Symbol.asyncDispose]());

test("a dry run says what a trim would let go of", async () => {
  const tried = await work.skein(["threads", "trim", T, "--keep-last", "1", "--dry-run"]);
  expect(tried).toMatchObject({ code: 0, stdout: `${T}\n` });
  expect(tried.stderr).toBe("2 messages of main would go.\n");
  const none = await work.skein(["threads", "trim", T, "--before", "2000-01-01", "--dry-run"]);
  expect(none.stderr).toBe("Nothing is old enough to be trimmed.\n");
});

test("a trim without anybody to ask needs --yes, and one bound", async () => {
  const unasked = await work.skein(["threads", "trim", T, "--keep-last", "1"]);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain("Add --yes to trim.");
  for (const args of [[], ["--keep-last", "1", "--before", "2026-01-01"], ["--before", "soon"]])
    expect((await work.skein(["threads", "trim", T, ...args, "--yes"])).code).toBe(2);
});

test("a trimmed thread shows what is left, and that there was more", async () => {
  const [done] = await work.json(["threads", "trim", T, "--keep-last", "1", "--yes"]);
  expect(done).toMatchObject({
    thread: { id: T, message_count: 1, messages_total: 3 },
    branches: [{ name: "main", trimmed: 2 }],
  });
  const shown = await work.skein(["threads", "show", T]);
  expect(shown.stdout).toContain("three");
  expect(shown.stdout).not.toContain("two");
  expect(shown.stdout).toContain("trimmed   2 earlier messages");
  const log = await work.skein(["threads", "log", T]);
  expect(log.stdout).toContain("retention.trim");
  const older = await work.skein(["threads", "log", T, "--after", "1"]);
  expect(older.code).toBe(3);
  expect(older.stderr).toContain("begins at version");
});
