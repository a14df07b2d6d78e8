import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(() => work[Symbol.asyncDispose]());

test("a thread is opened by alias, held, released, and swept when its time is over", async () => {
  const asked = ["threads", "open", "--alias", "brief", "--expires-in", "1ms", "--ephemeral"];
  const held = await work.json([...asked, "--title", "Brief"]);
  expect(held).toMatchObject([{ alias: "brief", ephemeral: true, is_new: true }]);
  const id = String(held[0]?.["id"]);
  const kept = await work.json(["threads", "hold", id, "--reason", "case 7"]);
  expect(kept).toMatchObject([{ id, hold: { reason: "case 7" } }]);
  expect(await work.json(asked)).toMatchObject([{ id, is_new: false }]);
  expect(await work.skein(["threads", "purge", id, "--yes"])).toMatchObject({ code: 5 });
  expect(await work.json(["threads", "sweep"])).toMatchObject([{ purged: 0 }]);
  await work.json(["threads", "release", id]);
  const dry = await work.skein(["threads", "sweep", "--dry-run"]);
  expect(dry).toMatchObject({
    code: 0,
    stdout: "Would be: 0 threads archived, 0 deleted, 1 erased.\n",
  });
  expect(await work.json(["threads", "sweep"])).toMatchObject([{ dry_run: false, purged: 1 }]);
  expect(await work.json(asked)).toMatchObject([{ is_new: true }]);
  expect(await work.skein(["threads", "open"])).toMatchObject({ code: 2 });
});
