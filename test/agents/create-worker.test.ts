import { join } from "node:path";
import { expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import { createWorker } from "../../src/agents/create-worker.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein, temporaryFolder } from "./fixture.ts";

test("a worker does what others ask for, also what was asked before it came", async () => {
  const path = join(await temporaryFolder(), "skein.db");
  const asking = openSkein({ store: sqliteStore({ path }), worker: false });
  const { run } = await asking.create({ id: "t", messages: [{ content: "Before" }], run: {} });
  await using worker = await createWorker({
    store: sqliteStore({ path }),
    agents: [{ name: "assistant", model: scriptedModel(() => ["Done."]) }],
  });
  const first = await asking.waitForRun("t", run?.id ?? "");
  expect(first).toMatchObject({ status: "completed", owner: worker.store.instance });
  const { text } = await asking.respond({ threadId: "t", input: "After" });
  expect(text).toBe("Done.");
});

test("a worker that was drained leaves what comes to others", async () => {
  const path = join(await temporaryFolder(), "skein.db");
  const asking = openSkein({ store: sqliteStore({ path }), worker: false });
  await asking.create({ id: "t" });
  const agents = [{ name: "assistant", model: scriptedModel(() => ["Done."]) }];
  await using drained = await createWorker({ store: sqliteStore({ path }), agents });
  await drained.drain();
  const { run } = await asking.append("t", { messages: [{ content: "Go" }], run: {} });
  await using other = await createWorker({ store: sqliteStore({ path }), agents });
  const done = await asking.waitForRun("t", run?.id ?? "");
  expect(done).toMatchObject({ status: "completed", owner: other.store.instance });
});

test("an engine that is not known is refused before anything is opened", async () => {
  const env = { SKEIN_ENGINE: "dbos" };
  const refused = { code: "unsupported_capability", message: expect.stringContaining("dbos") };
  expect(() => createSkein({ store: memoryStore(), env })).toThrow(
    expect.objectContaining(refused),
  );
  await expect(createWorker({ store: memoryStore(), env })).rejects.toMatchObject(refused);
});

test("a worker whose store cannot be opened says so and leaves nothing open", async () => {
  const path = await temporaryFolder();
  await expect(createWorker({ store: sqliteStore({ path }) })).rejects.toMatchObject({
    message: expect.stringContaining(path),
  });
});
