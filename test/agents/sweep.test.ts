import { afterEach, expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { Policies } from "../../src/agents/lifecycle/policy.ts";
import type { Skein } from "../../src/agents/skein.ts";
import type { Entry } from "../../src/model/entry.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let now = Date.UTC(2026, 0, 1);
const opened: Skein[] = [];
afterEach(async () => {
  for (const skein of opened.splice(0)) await skein.close();
});

function open(policies: Policies = [], store: Store = memoryStore()): Skein {
  const skein = createSkein({ store, policies, clock: () => now, worker: false, model: "demo" });
  opened.push(skein);
  return skein;
}

async function made(skein: Skein, ...inputs: readonly Parameters<Skein["create"]>[0][]) {
  const ids: string[] = [];
  for (const input of inputs) ids.push((await skein.create(input)).thread.id);
  return ids;
}

async function fateOf(skein: Skein, id: string): Promise<string> {
  const [head] = await skein.store.loadHeads([{ tenant: "default", id }]);
  if (head == null) return "unknown";
  const { purgedAt, deletedAt, archivedAt } = head.profile;
  if (purgedAt !== null) return "purged";
  if (deletedAt !== null) return "deleted";
  return archivedAt === null ? "there" : "archived";
}

async function lastEntry(skein: Skein, id: string): Promise<Entry | undefined> {
  return (await skein.store.listEntries({ tenant: "default", id }, 0, 1_000)).at(-1);
}

test("a thread is deleted when its time is over, an ephemeral one erased, and the log says why", async () => {
  const skein = open();
  const [fixed = "", brief = "", endless = ""] = await made(
    skein,
    { id: "fixed", expiresIn: "2h" },
    { id: "brief", ephemeral: true },
    { id: "endless" },
  );
  now += 2 * HOUR - 1;
  expect(await skein.sweep()).toMatchObject({ deleted: 0, purged: 0 });
  now += 1;
  expect(await skein.sweep()).toMatchObject({ deleted: 1, purged: 0 });
  now += DAY;
  expect(await skein.sweep()).toMatchObject({ deleted: 0, purged: 1 });
  expect(await Promise.all([fixed, brief, endless].map((id) => fateOf(skein, id)))).toEqual([
    "deleted",
    "purged",
    "there",
  ]);
  expect(await lastEntry(skein, fixed)).toMatchObject({
    op: "thread.delete",
    actor: "system",
    data: { reason: "expired" },
  });
});

test("a sliding time begins anew with every change", async () => {
  const skein = open();
  const [id = ""] = await made(skein, { expiresIn: "1h", sliding: true });
  for (let round = 0; round < 20; round++) {
    now += HOUR / 4;
    await skein.append(id, { messages: [{ content: "still here" }] });
    expect((await skein.get(id)).expiresAt).toBe(now + HOUR);
    expect(await skein.sweep()).toMatchObject({ deleted: 0 });
  }
  now += HOUR - 1;
  expect(await skein.sweep()).toMatchObject({ deleted: 0 });
  now += 1;
  expect(await skein.sweep()).toMatchObject({ deleted: 1 });
});

test("a policy archives what is idle, deletes what was archived, and erases what was deleted", async () => {
  const skein = open([
    { archiveAfterIdle: "10d", deleteAfterArchive: "20d", purgeAfterDelete: "30d" },
  ]);
  const [id = "", other = ""] = await made(skein, {}, {});
  now += 10 * DAY - 1;
  await skein.append(other, { messages: [{ content: "in use" }] });
  now += 1;
  expect(await skein.sweep()).toMatchObject({ archived: 1, deleted: 0 });
  expect(await fateOf(skein, id)).toBe("archived");
  expect(await fateOf(skein, other)).toBe("there");
  now += 20 * DAY;
  expect(await skein.sweep()).toMatchObject({ archived: 1, deleted: 1, purged: 0 });
  now += 30 * DAY;
  expect(await skein.sweep()).toMatchObject({ deleted: 1, purged: 1 });
  expect(await fateOf(skein, id)).toBe("purged");
});

test("a policy is for its agent, its tag and its kind, and the preset for sessions and idle threads", async () => {
  const skein = open([{ agentId: "assistant", tag: "draft", kind: "note", expireAfter: "1h" }]);
  const all = await made(
    skein,
    { tags: ["draft"], kind: "note" },
    { tags: ["draft"] },
    { kind: "note" },
    {},
  );
  now += HOUR;
  expect(await skein.sweep()).toMatchObject({ deleted: 1 });
  expect(await Promise.all(all.map((id) => fateOf(skein, id)))).toEqual([
    "deleted",
    "there",
    "there",
    "there",
  ]);
  const standard = open("standard");
  const [session = "", talk = ""] = await made(standard, { kind: "session" }, {});
  now += DAY;
  expect(await standard.sweep()).toMatchObject({ deleted: 1, archived: 0 });
  expect(await fateOf(standard, session)).toBe("deleted");
  now += 29 * DAY;
  expect(await standard.sweep()).toMatchObject({ deleted: 0, archived: 1 });
  expect(await fateOf(standard, talk)).toBe("archived");
});

test("a dry run counts each thread once, and changes nothing", async () => {
  const skein = open([{ expireAfter: "5h" }, { archiveAfterIdle: "1h" }]);
  const all = await made(skein, { expiresIn: "1h" }, {}, {});
  now += HOUR;
  const before = await skein.store.loadHeads(all.map((id) => ({ tenant: "default", id })));
  expect(await skein.sweep({ dryRun: true })).toMatchObject({
    dryRun: true,
    deleted: 1,
    archived: 2,
  });
  now += 4 * HOUR;
  expect(await skein.sweep({ dryRun: true })).toMatchObject({ deleted: 3, archived: 0 });
  expect(await skein.store.loadHeads(all.map((id) => ({ tenant: "default", id })))).toEqual(before);
});

test("nothing of a held thread goes until it is released", async () => {
  const skein = open([{ expireAfter: "1h" }]);
  const [id = ""] = await made(skein, { expiresIn: "1h", messages: [{ content: "evidence" }] });
  await skein.hold(id, "case 7");
  const [message] = (await skein.messages(id)).messages;
  const refused = [
    () => skein.delete(id),
    () => skein.delete(id, { purge: true }),
    () => skein.trim(id, { keepLast: 1 }, {}),
    () => skein.redact(id, message?.id ?? ""),
  ];
  for (const call of refused) {
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(isSkeinError(error, "thread_held") || error).toBe(true);
  }
  now += DAY;
  expect(await skein.sweep()).toMatchObject({ deleted: 0, held: 1 });
  await skein.release(id);
  expect(await skein.sweep()).toMatchObject({ deleted: 1, held: 0 });
});

test("the threads of sub-agents go with the thread that they belong to", async () => {
  const skein = open();
  const [id = ""] = await made(skein, { expiresIn: "1h" });
  const child = await skein.spawnSubAgentThread(id, "Look it up.");
  const grandchild = await skein.spawnSubAgentThread(child.id, "Look there.");
  now += HOUR;
  expect(await skein.sweep()).toMatchObject({ deleted: 3 });
  expect(await fateOf(skein, grandchild.id)).toBe("deleted");
  expect(await lastEntry(skein, child.id)).toMatchObject({
    data: { reason: `expired, with ${id}` },
  });
});

test("a run that waits ends with its thread; archiving leaves a thread that a run works on", async () => {
  const skein = open([{ archiveAfterIdle: "1h" }]);
  const run = { messages: [{ content: "hi" }], run: {} } as const;
  const [gone = "", busy = ""] = await made(skein, { ...run, expiresIn: "1h" }, run);
  const runIn = async (id: string) => (await skein.detail(id)).runs[0]?.id ?? "";
  const [waiting, working] = [await runIn(gone), await runIn(busy)];
  await skein.worker.claim("default", busy, working);
  now += HOUR;
  expect(await skein.sweep()).toMatchObject({ deleted: 1, archived: 0, busy: 1 });
  expect(await skein.store.loadRun({ tenant: "default", id: gone }, waiting)).toMatchObject({
    status: "cancelled",
  });
  expect(await fateOf(skein, busy)).toBe("there");
});

test("one process sweeps at a time, and what one left the next one does", async () => {
  const store = memoryStore();
  const [first, second] = [open([], store), open([], store)];
  for (let at = 0; at < 500; at++) await first.create({ id: `t${at}`, expiresIn: "1h" });
  now += HOUR;
  const stopping = new AbortController();
  const half = first.sweep({ signal: stopping.signal, onProgress: () => stopping.abort() });
  expect(await second.sweep()).toMatchObject({ deleted: 0, isElsewhere: true });
  expect(await half).toMatchObject({ deleted: 200 });
  expect(await second.sweep()).toMatchObject({ deleted: 300 });
});

test("programs' own tenants, and users, are left out", async () => {
  const skein = open([{ expireAfter: "1h" }]);
  await skein.as({ tenant: "default~webhooks" }).create({ id: "w" });
  await skein.as({ tenant: "other" }).create({ id: "o" });
  now += HOUR;
  expect(await skein.sweep()).toMatchObject({ deleted: 1 });
  const error: unknown = await skein
    .as({ user: "alice" })
    .sweep()
    .catch((thrown: unknown) => thrown);
  expect(isSkeinError(error, "forbidden")).toBe(true);
});

test("old threads are cleaned up on request: after 24 h unless something else is said", async () => {
  const skein = open();
  await made(skein, {}, {});
  now += DAY - 1;
  expect(await skein.cleanupOldThreads()).toMatchObject({ deleted: 0 });
  expect(await skein.cleanupOldThreads({ olderThan: "2h", dryRun: true })).toMatchObject({
    deleted: 2,
  });
  now += 1;
  expect(await skein.cleanupOldThreads()).toMatchObject({ deleted: 2 });
});
