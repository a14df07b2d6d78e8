import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEngine, sqliteStore } from "../../src/index.ts";
import type { Engine } from "../../src/index.ts";

// Two open stores on one file, as two processes have them: neither sees the other's cache.
let directory: string;
let here: Engine;
let there: Engine;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "skein-two-"));
  const path = join(directory, "skein.db");
  here = createEngine({ store: sqliteStore({ path }) });
  there = createEngine({ store: sqliteStore({ path }) });
});

afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
  rmSync(directory, { recursive: true, force: true });
});

test("a member that another process added is removed, not taken for absent", async () => {
  const { thread } = await here.create({});
  await there.setMember(thread.id, "bob", "editor");
  await here.removeMember(thread.id, "bob");
  expect((await there.get(thread.id)).members).toEqual({});
});

test("a title that another process changed is changed back, not taken for unchanged", async () => {
  const { thread } = await here.create({ title: "one" });
  await there.rename(thread.id, "two");
  expect((await here.rename(thread.id, "one")).title).toBe("one");
  expect((await there.get(thread.id)).title).toBe("one");
});

test("a thread that another process archived is taken out of the archive", async () => {
  const { thread } = await here.create({});
  await there.archive(thread.id);
  expect((await here.unarchive(thread.id)).archivedAt).toBe(null);
  expect((await there.get(thread.id)).archivedAt).toBe(null);
});

test("somebody whom another process removed gets no header for changing nothing", async () => {
  const { thread } = await here.create({ title: "one", members: { bob: "editor" } });
  await there.removeMember(thread.id, "bob");
  const unchanged = here.rename(thread.id, "one", { userId: "bob" });
  await expect(unchanged).rejects.toMatchObject({ code: "thread_not_found" });
});

test("a right expected version is not refused by what this process remembers", async () => {
  const { thread } = await here.create({});
  const { version } = await there.rename(thread.id, "two");
  const renamed = await here.rename(thread.id, "three", { expectedVersion: version });
  expect(renamed.title).toBe("three");
});

test("an editor whom another process added may write", async () => {
  const { thread } = await here.create({});
  await there.setMember(thread.id, "bob", "editor");
  const { messages } = await here.append(
    thread.id,
    { messages: [{ content: "Hello" }] },
    { userId: "bob" },
  );
  expect(messages[0]?.author?.id).toBe("bob");
});

test("a thread that another process undeleted takes messages", async () => {
  const { thread } = await here.create({});
  await here.delete(thread.id);
  await there.undelete(thread.id);
  await here.append(thread.id, { messages: [{ content: "Hello" }] });
  expect((await there.get(thread.id)).messageCount).toBe(1);
});

test("a run that another process asked for is claimed", async () => {
  const { thread } = await here.create({});
  const { run } = await there.append(thread.id, { messages: [{ content: "Hello" }], run: {} });
  const claimed = await here.worker.claim("default", thread.id, run?.id ?? "");
  expect(claimed.status).toBe("running");
});
