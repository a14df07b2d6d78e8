import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EVERYBODY, create, extend, headOf, keyOf } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { storeFolder } from "./store-folder.test-support.ts";
import { WorkerClient } from "./worker-client.ts";
import type { ExclusiveHeads, WriterRequest } from "./writer-requests.ts";

const { file, open } = storeFolder();

const workers: Worker[] = [];
const note = (worker: Worker): number => workers.push(worker);

beforeEach(() => {
  process.on("worker", note);
});

afterEach(() => {
  process.off("worker", note);
  workers.length = 0;
});

async function killAll(): Promise<void> {
  for (const worker of workers.splice(0)) await worker.terminate();
}

test("a store whose threads died goes on with new ones, as the same instance", async () => {
  const [store, other] = [open({ threads: true }), open()];
  await extend(store, "t", [create("t"), say("a", "a lonely zebra")]);
  const { instance } = store;
  await store.acquireLease("k", "me", 60_000);
  expect((await store.search(EVERYBODY, { text: "zebra", limit: 5 })).hits).toHaveLength(1);
  expect(workers).toHaveLength(2);
  await killAll();

  await extend(store, "t", [say("b", "another zebra")]);
  expect(await headOf(store, "t")).toMatchObject({ version: 3 });
  expect((await store.search(EVERYBODY, { text: "zebra", limit: 5 })).hits).toHaveLength(2);
  expect((await store.listThreads(EVERYBODY, { limit: 5 })).threads).toHaveLength(1);
  expect(store.instance).toBe(instance);
  expect(await other.isAlive(instance)).toBe(true);
  expect((await other.acquireLease("k", "another", 60_000)).isMine).toBe(false);
});

test("a call under way when the thread dies says so, and a lock that it held is free", async () => {
  const store = open();
  await extend(store, "t", [create("t")]);
  const client = new WorkerClient<WriterRequest>("writer-worker", {
    path: file(),
    synchronous: "NORMAL",
  });
  const keys = [keyOf("t")];
  const held = await client.request<ExclusiveHeads>({ kind: "exclusive.begin", keys });
  expect(held.heads).toMatchObject([{ version: 1 }]);
  // Waits for the lock's end.
  const waiting = client.request({ kind: "data-version" });
  const [refused] = await Promise.allSettled([waiting, killAll()]);
  expect(refused).toMatchObject({ status: "rejected", reason: { code: "internal" } });
  expect(String(refused.status === "rejected" && refused.reason)).toContain("thread died");

  await extend(store, "t", [say("a", "hello")]);
  const next = await client.request<ExclusiveHeads>({ kind: "exclusive.begin", keys });
  const late = client.request({ kind: "exclusive.end", ticket: held.ticket, chains: [] });
  await expect(late).rejects.toMatchObject({ code: "internal" });
  await client.request({ kind: "exclusive.end", ticket: next.ticket, chains: null });
  await client.end({ kind: "close" });
  expect(await headOf(store, "t")).toMatchObject({ version: 2 });
});

test("a thread that cannot open the file again says why, and the next call tries again", async () => {
  const folder = { path: file(), synchronous: "NORMAL" };
  const client = new WorkerClient<WriterRequest>("writer-worker", folder);
  await client.request({ kind: "open" });
  await killAll();
  const missing = new WorkerClient<WriterRequest>("no-such-worker", folder);
  const opening = missing.request({ kind: "open" });
  await expect(opening).rejects.toThrow(/no-such-worker/u);
  await expect(missing.request({ kind: "open" })).rejects.toThrow(/no-such-worker/u);
  expect(missing.starts).toBe(2);
  await client.request({ kind: "open" });
  expect(client.starts).toBe(2);
  await client.end({ kind: "close" });
  await expect(client.request({ kind: "open" })).rejects.toMatchObject({ code: "store_closed" });
});

test("a store that closes after its threads died closes", async () => {
  const store = open({ threads: true });
  await extend(store, "t", [create("t")]);
  await killAll();
  await store.close();
  expect(await headOf(open(), "t")).toMatchObject({ version: 1 });
});
