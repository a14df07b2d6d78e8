import { expect, test, vi } from "vitest";
import { verifyWebhook } from "../../src/webhooks/verify-webhook.ts";
import { nameOf, startReceiver } from "./receiver.ts";
import { say, startSending } from "./fixture.ts";

test("every entry is delivered once, in order and signed, with the entry as the wire has it", async () => {
  await using receiver = await startReceiver();
  await using sending = await startSending();
  const { skein, webhooks } = sending;
  const { secret } = await webhooks.add({ id: "w", url: receiver.url });
  await skein.create({ id: "t", title: "One" });
  for (const word of ["a", "b", "c"]) await say(skein, "t", word);
  await receiver.until((all) => all.length >= 4);
  expect(receiver.taken).toEqual([
    "t:1 thread.create",
    "t:2 message.append",
    "t:3 message.append",
    "t:4 message.append",
  ]);
  const [, second] = receiver.received;
  expect(second?.body).toMatchObject({
    type: "thread.entry",
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    data: { thread_id: "t", entry: { version: 2, data: { message: { parts: [{ text: "a" }] } } } },
  });
  for (const { text, headers } of receiver.received)
    expect(verifyWebhook(text, headers, secret ?? "")).toEqual(JSON.parse(text));
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(4);
  expect(sending.faults).toEqual([]);
});

test("filters let through what they name", async () => {
  await using receiver = await startReceiver();
  await using sending = await startSending({ worker: true });
  const { skein, webhooks } = sending;
  await webhooks.add({ url: receiver.url, events: ["run.completed"], tags: ["vip"] });
  await webhooks.add({
    url: receiver.url,
    events: ["thread.entry"],
    ops: ["tag.add"],
    agents: ["assistant"],
  });
  await skein.respond({ threadId: "t", input: "Hello" });
  await skein.tag("t", { add: ["vip"] });
  const { run } = await skein.respond({ threadId: "t", input: "Again" });
  await receiver.until((all) => all.some(({ body }) => body.type === "run.completed"));
  const ofRuns = receiver.received.filter(({ body }) => body.type === "run.completed");
  const last = ofRuns.at(-1);
  expect(last?.body.data).toMatchObject({ thread_id: "t", run: { status: "completed" } });
  expect(last?.text).toContain(run?.id);
  const others = receiver.received.filter(({ body }) => body.type !== "run.completed");
  expect(others.map(nameOf)).toEqual([expect.stringMatching(/tag.add$/)]);
});

test("a run that waits for a person is told, and so is how it went on", async () => {
  await using receiver = await startReceiver();
  await using sending = await startSending();
  const { skein, webhooks } = sending;
  await webhooks.add({ url: receiver.url, events: ["run.requires_action", "run.cancelled"] });
  const { thread, run } = await skein.create({ messages: [{ content: "Pay." }], run: {} });
  const claimed = await skein.worker.claim("default", thread.id, run?.id ?? "");
  await skein.worker.progress("default", thread.id, {
    runId: claimed.id,
    fence: claimed.fence,
    actions: [
      { kind: "action.request", action: { id: "a", kind: "input", name: "ask", prompt: "Why?" } },
      { kind: "run.event", event: "require_action" },
    ],
  });
  await skein.cancel(thread.id, claimed.id);
  await receiver.until((all) => all.length >= 2);
  expect(receiver.received.map(({ body }) => [body.type, body.data.run.status])).toEqual([
    ["run.requires_action", "requires_action"],
    ["run.cancelled", "cancelled"],
  ]);
});

test("what fails is tried again with the same id, in order within its thread and without holding up others", async () => {
  await using receiver = await startReceiver();
  let isBroken = true;
  receiver.answer = ({ body }) => (body.data.thread_id === "bad" && isBroken ? 500 : 200);
  await using sending = await startSending({ retryDelaysMs: Array.from({ length: 100 }, () => 5) });
  const { skein, webhooks } = sending;
  await webhooks.add({ id: "w", url: receiver.url });
  for (const id of ["bad", "good"]) await skein.create({ id });
  await say(skein, "bad", "later");
  await say(skein, "good", "at once");
  await receiver.until(() => receiver.taken.includes("good:2 message.append"));
  await receiver.until((all) => all.filter(({ status }) => status === 500).length >= 3);
  expect(receiver.taken.filter((name) => name.startsWith("bad"))).toEqual([]);
  isBroken = false;
  await receiver.until(() => receiver.taken.includes("bad:2 message.append"));
  expect(receiver.taken.filter((name) => name.startsWith("bad"))).toEqual([
    "bad:1 thread.create",
    "bad:2 message.append",
  ]);
  const tries = receiver.received.filter((one) => nameOf(one) === "bad:1 thread.create");
  expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
});

test("what is never taken becomes a dead letter that can be looked at and sent again", async () => {
  await using receiver = await startReceiver(({ body }) =>
    body.data.entry?.op === "metadata.set" ? 422 : 200,
  );
  await using sending = await startSending();
  const { skein, webhooks } = sending;
  await webhooks.add({ id: "w", url: receiver.url });
  await skein.create({ id: "t" });
  await skein.update("t", { metadata: { a: 1 } });
  await say(skein, "t", "after");
  await receiver.until(() => receiver.taken.includes("t:3 message.append"));
  const { items } = await webhooks.deliveries("w");
  expect(items).toMatchObject([
    {
      event: "thread.entry",
      threadId: "t",
      version: 2,
      status: "dead",
      tries: 4,
      failure: { status: 422, message: "The endpoint answered 422." },
    },
  ]);
  const id = items[0]?.id ?? "";
  expect(await webhooks.delivery("w", id)).toMatchObject({
    payload: { type: "thread.entry", data: { entry: { op: "metadata.set" } } },
  });
  expect(await webhooks.replay("w", id)).toMatchObject({ isOk: false, status: 422 });
  receiver.answer = () => 200;
  expect(await webhooks.replayDead("w")).toEqual({ replayed: 1, failed: 0, left: 0 });
  expect(receiver.taken.at(-1)).toBe("t:2 metadata.set");
  expect(receiver.received.at(-1)?.id).toBe(id);
  expect((await webhooks.deliveries("w")).items[0]?.status).toBe("replayed");
  expect(await webhooks.replayDead("w")).toEqual({ replayed: 0, failed: 0, left: 0 });
  expect(sending.faults).toEqual([]);
});

test("an endpoint that is down is paused, holds up no other one, and gets all of it when it is back", async () => {
  await using down = await startReceiver(() => 503);
  await using up = await startReceiver();
  let now = 1_000_000;
  await using sending = await startSending({ clock: () => now, retryDelaysMs: [60_000, 60_000] });
  const { skein, webhooks } = sending;
  await webhooks.add({ id: "down", url: down.url });
  await webhooks.add({ id: "up", url: up.url });
  for (let index = 0; index < 200; index++) await skein.create({ id: `t${index}` });
  await up.until((all) => all.length >= 200);
  await down.until((all) => all.length >= 5);
  await vi.waitFor(async () => expect((await webhooks.get("down")).pausedUntil).not.toBeNull());
  const { waiting, delivered } = await webhooks.get("down");
  expect(delivered).toBe(0);
  expect(waiting).toBeLessThanOrEqual(100);
  // The eight that were under way at once may each have failed.
  expect(down.received.length).toBeLessThanOrEqual(12);
  down.answer = () => 200;
  now += 120_000;
  await skein.create({ id: "news" });
  await down.until(() => new Set(down.taken).size >= 201);
  expect(down.taken.toSorted()).toEqual(up.taken.toSorted());
  expect(sending.faults).toEqual([]);
});

test("an endpoint that is gone is disabled, and goes on from there when it is enabled again", async () => {
  await using receiver = await startReceiver(() => 410);
  await using sending = await startSending();
  const { skein, webhooks } = sending;
  await webhooks.add({ id: "w", url: receiver.url });
  await skein.create({ id: "t" });
  await vi.waitFor(async () =>
    expect(await webhooks.get("w")).toMatchObject({ isEnabled: false, disabledReason: "gone" }),
  );
  await say(skein, "t", "missed");
  expect(receiver.received).toHaveLength(1);
  receiver.answer = () => 200;
  await webhooks.update("w", { isEnabled: true });
  await receiver.until(() => receiver.taken.length >= 2);
  expect(receiver.taken).toEqual(["t:1 thread.create", "t:2 message.append"]);
});

test("an endpoint that asks for time is given it", async () => {
  await using receiver = await startReceiver((_one, response) => {
    response.setHeader("retry-after", "3600");
    return 429;
  });
  const now = 5_000_000;
  await using sending = await startSending({ clock: () => now });
  const { skein, webhooks } = sending;
  await webhooks.add({ id: "w", url: receiver.url });
  await skein.create({ id: "t" });
  await vi.waitFor(async () => expect((await webhooks.deliveries("w")).items).toHaveLength(1));
  expect((await webhooks.deliveries("w")).items).toMatchObject([
    { status: "waiting", tries: 1, nextAt: now + 3_600_000 },
  ]);
});

test("everything is delivered again from a time or from the beginning, with the same ids", async () => {
  await using receiver = await startReceiver();
  let now = 1_000;
  await using sending = await startSending();
  const { store, webhooks } = sending;
  const { createEngine } = await import("../../src/engine/create-engine.ts");
  const engine = createEngine({ store, clock: () => now });
  await webhooks.add({ id: "w", url: receiver.url });
  await engine.create({ id: "old" });
  now = 2_000;
  await engine.create({ id: "new" });
  await receiver.until((all) => all.length >= 2);
  const ids = receiver.received.map(({ id }) => id);
  await webhooks.replayFrom("w", { time: 1_500 });
  await receiver.until((all) => all.length >= 3);
  await webhooks.replayFrom("w", { cursor: "0" });
  await receiver.until((all) => all.length >= 5);
  expect(receiver.received.map(({ id }) => id)).toEqual([...ids, ids[1], ...ids]);
  await expect(webhooks.replayFrom("w", { cursor: "nonsense" })).rejects.toMatchObject({
    code: "invalid_cursor",
  });
});

test("a secret that is replaced goes on signing for a day, beside the new one", async () => {
  await using receiver = await startReceiver();
  let now = 1_000_000;
  await using sending = await startSending({ clock: () => now });
  const { webhooks } = sending;
  const old = (await webhooks.add({ id: "w", url: receiver.url })).secret ?? "";
  const made = (await webhooks.update("w", { rotateSecret: true })).secret ?? "";
  expect(made).not.toBe(old);
  expect(await webhooks.test("w")).toMatchObject({ isOk: true, status: 200 });
  now += 86_400_001;
  await webhooks.test("w");
  const [both, single] = receiver.received;
  for (const secret of [old, made])
    expect(verifyWebhook(both?.text ?? "", both?.headers ?? {}, secret)).toMatchObject({
      type: "webhook.test",
    });
  expect(() => verifyWebhook(single?.text ?? "", single?.headers ?? {}, old)).toThrow(/signature/);
  const shown = JSON.stringify([await webhooks.list(), await webhooks.deliveries("w")]);
  expect(shown).not.toContain("whsec_");
});

test("a removed endpoint is sent nothing more, and its id may be used again", async () => {
  await using receiver = await startReceiver();
  await using sending = await startSending();
  const { skein, webhooks, store } = sending;
  const { secret } = await webhooks.add({ id: "w", url: receiver.url });
  await webhooks.remove("w");
  await skein.create({ id: "t" });
  await expect(webhooks.get("w")).rejects.toMatchObject({ code: "webhook_not_found" });
  const log = await store.listEntries({ tenant: "default~webhooks", id: "w" }, 0, 100);
  expect(JSON.stringify(log)).not.toContain(secret);
  await webhooks.add({ id: "w", url: receiver.url });
  await skein.create({ id: "u" });
  await receiver.until((all) => all.length >= 1);
  expect(receiver.taken).toEqual(["u:1 thread.create"]);
});

test("endpoints are invisible to whoever lists, reads or follows threads", async () => {
  await using receiver = await startReceiver();
  await using sending = await startSending();
  const { skein, webhooks } = sending;
  await webhooks.add({ id: "w", url: receiver.url });
  await skein.create({ id: "t" });
  await receiver.until((all) => all.length >= 1);
  expect((await skein.list()).items.map(({ id }) => id)).toEqual(["t"]);
  await expect(skein.get("w")).rejects.toMatchObject({ code: "thread_not_found" });
  const seen = new Set<string>();
  for await (const { threadId } of skein.feed({ after: "0", follow: false })) seen.add(threadId);
  expect([...seen]).toEqual(["t"]);
});
