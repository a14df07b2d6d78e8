import { expect, onTestFinished, test, vi } from "vitest";
import { createSkein, memoryStore } from "../../src/index.ts";
import { scriptedModel } from "../../src/testing/index.ts";

test("a worker for one thread leaves the runs of others alone", async () => {
  const skein = createSkein({
    store: memoryStore(),
    model: scriptedModel(["here"]),
    worker: false,
  });
  const other = await skein.create({ messages: [{ content: "Hello" }], run: {} });
  const own = await skein.create({ messages: [{ content: "Hello" }], run: {} });
  await skein.startWorker({ threadId: own.thread.id });
  const ended = await skein.waitForRun(own.thread.id, own.run?.id ?? "");
  expect(ended.status).toBe("completed");
  const left = await skein.run(other.thread.id, other.run?.id ?? "");
  expect([left.status, left.fence]).toEqual(["queued", 0]);
  await skein.close();
});

test("a worker for one thread that becomes one for all takes at once what it left alone", async () => {
  // Nothing but the call itself looks for runs then.
  vi.useFakeTimers({ toFake: ["setInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const skein = createSkein({
    store: memoryStore(),
    model: scriptedModel(["here", "there"]),
    worker: false,
  });
  const other = await skein.create({ messages: [{ content: "Hello" }], run: {} });
  const own = await skein.create({ messages: [{ content: "Hello" }], run: {} });
  await skein.startWorker({ threadId: own.thread.id });
  await skein.waitForRun(own.thread.id, own.run?.id ?? "");
  await skein.startWorker();
  const ended = await skein.waitForRun(other.thread.id, other.run?.id ?? "");
  expect(ended.status).toBe("completed");
  await skein.close();
});

test("the words of a message that was taken back are nowhere any more", async () => {
  const skein = createSkein({ store: memoryStore(), model: scriptedModel([]), worker: false });
  const { thread } = await skein.create({ messages: [{ content: "Hello" }], run: {} });
  const { messages } = await skein.append(thread.id, { messages: [{ content: "card 4242" }] });
  expect(messages[0]?.status).toBe("queued");
  await skein.discard(thread.id, messages[0]?.id ?? "");
  expect(JSON.stringify(await skein.log(thread.id))).not.toContain("4242");
  await skein.close();
});
