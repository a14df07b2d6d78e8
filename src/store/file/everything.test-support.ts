import fc from "fast-check";
import type { Store } from "../store.ts";
import { create, EVERYBODY, extend, keyOf, TENANT } from "../conformance/fixture.ts";
import type { Change } from "../conformance/fixture.ts";
import {
  close,
  dequeue,
  enqueue,
  open,
  originOf,
  redact,
  say,
} from "../conformance/message-fixture.ts";
import { startRun } from "../conformance/run-fixture.ts";
import { trim } from "../conformance/trim-fixture.ts";
import type { Message } from "../../model/message.ts";
import type { ThreadHead } from "../../model/thread.ts";

const NAMES = ["a", "b", "c", "d"] as const;

/** Something that happens to one of four threads. */
export interface Step {
  readonly thread: (typeof NAMES)[number];
  readonly kind:
    | "say"
    | "fork"
    | "redact"
    | "annotate"
    | "queue"
    | "dequeue"
    | "run"
    | "delete"
    | "instruct"
    | "trim"
    | "purge";
  /** Chooses the message, or the origin. */
  readonly pick: number;
}

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    thread: fc.constantFrom(...NAMES),
    kind: fc.oneof(
      { weight: 8, arbitrary: fc.constant("say" as const) },
      { weight: 4, arbitrary: fc.constant("fork" as const) },
      {
        weight: 6,
        arbitrary: fc.constantFrom("redact", "annotate", "queue", "dequeue", "run", "delete"),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom("instruct", "trim"),
      },
      { weight: 2, arbitrary: fc.constant("purge" as const) },
    ),
    pick: fc.nat(20),
  }),
  { minLength: 5, maxLength: 40 },
);

/** Does what the step says, where it makes sense. */
export async function carryOut(
  store: Store,
  { thread, kind, pick }: Step,
  at: number,
): Promise<void> {
  const [head = null] = await store.loadHeads([keyOf(thread)]);
  if (head === null) return begin(store, thread, kind, pick);
  if (head.profile.purgedAt !== null) return;
  if (kind === "trim") return trimmed(store, head, pick);
  const changes = await changesOf(store, head, kind, pick, `${thread}${at}`);
  if (changes.length > 0) await extend(store, thread, changes, { at: 1_800_000_000_000 + at });
}

async function begin(
  store: Store,
  thread: string,
  kind: Step["kind"],
  pick: number,
): Promise<void> {
  const name = NAMES[pick % NAMES.length] ?? "a";
  const [origin = null] = await store.loadHeads([keyOf(name)]);
  const isFork = kind === "fork" && origin !== null && origin.profile.purgedAt === null;
  const operation = { user: "alice", opId: `make ${thread}`, digest: "d" };
  await extend(store, thread, [isFork ? create(thread, {}, originOf(origin)) : create(thread)], {
    operation,
  });
}

async function trimmed(store: Store, head: ThreadHead, pick: number): Promise<void> {
  const floor = head.branches["main"]?.floor?.depth ?? 0;
  const path = (await messagesOf(store, head)).filter(
    ({ role, depth }) => role !== "system" && (depth ?? 0) >= floor,
  );
  const message = path[pick % Math.max(1, path.length)];
  if (message !== undefined) await trim(store, head.profile.id, { main: message.id });
}

async function changesOf(
  store: Store,
  head: ThreadHead,
  kind: Step["kind"],
  pick: number,
  id: string,
): Promise<readonly Change[]> {
  const path = (await messagesOf(store, head)).map((it) => it.id);
  const message = path[pick % Math.max(1, path.length)];
  switch (kind) {
    case "say":
      return [say(id, `said ${id}`), say(`${id}+`, "", { role: "assistant" })];
    case "redact":
      return message === undefined ? [] : [redact(message)];
    case "annotate":
      return message === undefined
        ? []
        : [{ op: "message.annotate", data: { messageId: message, values: { note: id } } }];
    case "queue":
      return [enqueue(id, `queued ${id}`)];
    case "dequeue": {
      const [queued] = head.activity.queued;
      return queued === undefined ? [] : [dequeue(queued.messageId)];
    }
    case "run":
      return head.activity.runs.length > 0
        ? []
        : [startRun(`run ${id}`), open(id, `run ${id}`), close(id, `answer ${id}`)];
    case "delete":
      return [
        { op: head.profile.deletedAt === null ? "thread.delete" : "thread.undelete", data: {} },
      ];
    case "instruct":
      return [say(id, `rule ${id}`, { role: "system" })];
    case "purge":
      return [{ op: "thread.purge", data: {} }];
    case "fork":
    case "trim":
      return [];
  }
}

async function messagesOf(store: Store, { branches }: ThreadHead): Promise<readonly Message[]> {
  const main = branches["main"];
  if (main === undefined) return [];
  const range = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };
  return store.readPath(TENANT, main, range);
}

/** All that a store tells about the four threads. */
export async function tell(store: Store): Promise<unknown> {
  const told = [];
  for (const name of NAMES) {
    const key = keyOf(name);
    const [head = null] = await store.loadHeads([key]);
    const runs = await store.listRuns(key, { limit: 100 });
    const range = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };
    told.push({
      head,
      runs,
      entries: await store.listEntries(key, 0, 1_000),
      path: head?.branches["main"] && (await store.readPath(TENANT, head.branches["main"], range)),
      kept: await store.listKept(key, 0, 1_000),
      queued: await store.loadMessages(
        key,
        head?.activity.queued.map(({ messageId }) => messageId) ?? [],
      ),
      operation: await store.loadFacts(key, [
        { kind: "operation", user: "alice", opId: `make ${name}` },
      ]),
    });
  }
  const { events } = await store.listFeed(EVERYBODY, { after: null, limit: 1_000 });
  return {
    told,
    feed: events.map(({ type, threadId, version }) => [type, threadId, version]),
    listed: await store.listThreads(EVERYBODY, { limit: 100 }),
    runnable: await store.listRunnableRuns(),
    due: await store.listDueRuns(Number.MAX_SAFE_INTEGER, 1_000),
    calling: await store.listCallingRuns(),
  };
}
