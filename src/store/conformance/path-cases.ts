import assert from "node:assert/strict";
import type { Message } from "../../model/message.ts";
import { text } from "../../model/part.ts";
import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { PathRange, Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, existing, extend, keyOf, START, TENANT } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import {
  branchAt,
  branchHead,
  close,
  dequeue,
  endOf,
  enqueue,
  open,
  say,
} from "./message-fixture.ts";
import { endRun, startRun } from "./run-fixture.ts";

const WHOLE: PathRange = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };

export const PATH_CASES: readonly ConformanceCase[] = [
  {
    name: "a path is read from the root on, or from the head back",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), ...sayAll("a", "b", "c", "d", "e")]);
      assert.deepEqual(await idsOn(store, head), ["a", "b", "c", "d", "e"]);
      assert.deepEqual(await idsOn(store, head, { order: "desc" }), ["e", "d", "c", "b", "a"]);
    },
  },
  {
    name: "a path's range has both its ends, and the limit counts from where the order starts",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), ...sayAll("a", "b", "c", "d", "e")]);
      assert.deepEqual(await idsOn(store, head, { minDepth: 1, maxDepth: 3 }), ["b", "c", "d"]);
      assert.deepEqual(await idsOn(store, head, { minDepth: 3, maxDepth: 3 }), ["d"]);
      assert.deepEqual(await idsOn(store, head, { minDepth: 5, maxDepth: 9 }), []);
      assert.deepEqual(await idsOn(store, head, { minDepth: 1, limit: 2 }), ["b", "c"]);
      const newest = { maxDepth: 3, limit: 2, order: "desc" } as const;
      assert.deepEqual(await idsOn(store, head, newest), ["d", "c"]);
    },
  },
  {
    name: "a path of certain roles is limited by what is left",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t"),
        say("s", "be kind", { role: "system" }),
        say("d", "and short", { role: "developer" }),
        say("u1", "hi"),
        say("a1", "hello", { role: "assistant" }),
        say("u2", "how are you?"),
        say("a2", "fine", { role: "assistant" }),
      ]);
      const ids = (range: Partial<PathRange>): Promise<readonly string[]> =>
        idsOn(store, head, range);
      assert.deepEqual(await ids({ roles: ["system", "developer"] }), ["s", "d"]);
      assert.deepEqual(await ids({ roles: ["assistant"], limit: 1 }), ["a1"]);
      assert.deepEqual(await ids({ roles: ["user"], limit: 1, order: "desc" }), ["u2"]);
      assert.deepEqual(await ids({ roles: ["user"], minDepth: 3 }), ["u2"]);
      assert.deepEqual(await ids({ roles: ["tool"] }), []);
      assert.deepEqual(await ids({ roles: [] }), []);
    },
  },
  {
    name: "a path can end before the newest message of its segment",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), ...sayAll("a", "b", "c")]);
      const { segment } = endOf(head);
      const ids = async (position: number): Promise<readonly string[]> =>
        (await store.readPath(TENANT, { segment, position }, WHOLE)).map(({ id }) => id);
      assert.deepEqual(await ids(2), ["a", "b"]);
      assert.deepEqual(await ids(0), []);
    },
  },
  {
    name: "a path of a thread or tenant that does not exist is empty",
    run: async ({ openStore }) => {
      const store = await openStore();
      const empty = await extend(store, "empty", [create("empty")]);
      const head = await extend(store, "t", [create("t"), say("a", "hello")]);
      assert.deepEqual(await idsOn(store, empty), []);
      const nowhere = { segment: { threadId: "nowhere", number: 0 }, position: 3 };
      assert.deepEqual(await store.readPath(TENANT, nowhere, WHOLE), []);
      assert.deepEqual(await store.readPath("globex", endOf(head), WHOLE), []);
    },
  },
  {
    name: "a branch shares what is before it, and each goes on by itself",
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await extend(store, "t", [create("t"), ...sayAll("a", "b")]);
      const main = existing(start.branches[MAIN]);
      const head = await extend(store, "t", [
        branchAt("side", main),
        say("c", "on main"),
        say("x", "aside", { branch: "side" }),
        say("d", "on main"),
        say("y", "aside", { branch: "side" }),
      ]);
      assert.deepEqual(await idsOn(store, head), ["a", "b", "c", "d"]);
      assert.deepEqual(await idsOn(store, head, {}, "side"), ["a", "b", "x", "y"]);
      const across = { minDepth: 1, maxDepth: 2 };
      assert.deepEqual(await idsOn(store, head, across, "side"), ["b", "x"]);
      const newest = { limit: 3, order: "desc" } as const;
      assert.deepEqual(await idsOn(store, head, newest, "side"), ["y", "x", "b"]);
      const messages = await messagesOn(store, head, {}, "side");
      assert.deepEqual(
        messages.map(({ parentId, depth }) => [parentId, depth]),
        [
          [null, 0],
          ["a", 1],
          ["b", 2],
          ["x", 3],
        ],
      );
    },
  },
  {
    name: "a branch can start in the middle of a segment that another branch has grown",
    run: async ({ openStore }) => {
      const store = await openStore();
      const grown = await extend(store, "t", [create("t"), ...sayAll("a", "b", "c", "d")]);
      const head = await extend(store, "t", [
        branchAt("early", pointAt(grown, 2, "b")),
        say("x", "from b", { branch: "early" }),
        branchAt("roots", pointAt(grown, 0, null)),
        say("r", "another beginning", { branch: "roots" }),
        say("e", "on main"),
      ]);
      assert.deepEqual(await idsOn(store, head), ["a", "b", "c", "d", "e"]);
      assert.deepEqual(await idsOn(store, head, {}, "early"), ["a", "b", "x"]);
      assert.deepEqual(await idsOn(store, head, {}, "roots"), ["r"]);
    },
  },
  {
    name: "branches of branches are read through all their segments",
    run: async ({ openStore }) => {
      const store = await openStore();
      let head = await extend(store, "t", [create("t"), say("m0", "root")]);
      const expected = ["m0"];
      for (let level = 1; level <= 12; level++) {
        const from = existing(head.branches[level === 1 ? MAIN : `b${level - 1}`]);
        const name = `b${level}`;
        head = await extend(store, "t", [
          branchAt(name, from),
          say(`m${level}`, `level ${level}`, { branch: name }),
          say(`n${level}`, `level ${level}`, { branch: name }),
          // What comes behind the cut on the branch before must not show.
          say(`z${level}`, "elsewhere", { branch: from.name }),
        ]);
        expected.push(`m${level}`, `n${level}`);
      }
      assert.deepEqual(await idsOn(store, head, {}, "b12"), expected);
      const window = { minDepth: 7, maxDepth: 10 };
      assert.deepEqual(await idsOn(store, head, window, "b12"), expected.slice(7, 11));
    },
  },
  {
    name: "after main moved back, the new path and the one that was left are both read",
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await extend(store, "t", [create("t"), ...sayAll("a", "b", "c")]);
      const main = existing(start.branches[MAIN]);
      const branch = { ...branchHead(MAIN, pointAt(start, 1, "a")), reason: "main" } as const;
      const head = await extend(store, "t", [
        {
          op: "branch.move",
          data: { branch, kept: { ...main, name: "main~1" }, lastMessage: null },
        },
        say("b2", "instead"),
      ]);
      assert.deepEqual(await idsOn(store, head), ["a", "b2"]);
      assert.deepEqual(await idsOn(store, head, {}, "main~1"), ["a", "b", "c"]);
      const grown = await extend(store, "t", [say("d", "more", { branch: "main~1" })]);
      assert.deepEqual(await idsOn(store, grown, {}, "main~1"), ["a", "b", "c", "d"]);
    },
  },
  {
    name: "a message on a path has its content, its place and its time",
    run: async ({ openStore }) => {
      const store = await openStore();
      const details = {
        author: { kind: "user", id: "bob", name: "Bob" },
        metadata: { source: "web" },
        composedAt: START - 1,
      } as const;
      const changes = [create("t"), say("a", "first"), say("b", "second", details)];
      const head = await extend(store, "t", changes, { at: START + 7 });
      const [, message] = await messagesOn(store, head);
      assert.deepEqual(message, {
        id: "b",
        role: "user",
        status: "completed",
        parts: [text("second")],
        ...details,
        threadId: "t",
        parentId: "a",
        turnId: "b",
        depth: 1,
        version: 3,
        createdAt: START + 7,
      } satisfies Message);
    },
  },
  {
    name: "a message that a run is writing stands on the path, without content until it is committed",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t"),
        say("q", "why?"),
        startRun("r1"),
        open("a", "r1"),
      ]);
      const before = existing((await messagesOn(store, head))[1]);
      assert.equal(before.status, "in_progress");
      assert.deepEqual(before.parts, []);
      const usage = { inputTokens: 3, outputTokens: 4 };
      const cost = { nanoDollars: 5, unpricedCalls: 0 };
      const done = await extend(store, "t", [
        close("a", "because", { model: "demo", usage, cost }),
        endRun("r1"),
      ]);
      const [, message] = await messagesOn(store, done);
      assert.deepEqual(message, {
        ...before,
        status: "completed",
        parts: [text("because")],
        model: "demo",
        usage,
        cost,
      });
      assert.deepEqual(await store.loadMessages(keyOf("t"), ["a"]), [message]);
    },
  },
  {
    name: "a message that ends short keeps what was written and says why",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t"),
        startRun("r1"),
        open("a", "r1"),
        close("a", "beca", { status: "incomplete", reason: "cancelled" }),
      ]);
      const [message] = await messagesOn(store, head);
      assert.equal(message?.status, "incomplete");
      assert.equal(message.reason, "cancelled");
      assert.deepEqual(message.parts, [text("beca")]);
    },
  },
  {
    name: "a queued message is on no path until it is given its place",
    run: async ({ openStore }) => {
      const store = await openStore();
      const waiting = await extend(store, "t", [
        create("t"),
        say("a", "first"),
        enqueue("q", "second"),
        enqueue("gone", "third"),
      ]);
      assert.deepEqual(await idsOn(store, waiting), ["a"]);
      const [queued] = await store.loadMessages(keyOf("t"), ["q"]);
      assert.equal(queued?.status, "queued");
      assert.equal(queued.depth, null);
      assert.equal(queued.parentId, null);
      assert.equal(queued.version, 3);
      const head = await extend(store, "t", [
        say("b", "an answer", { role: "assistant" }),
        dequeue("q"),
        { op: "message.dequeue", data: { messageId: "gone", branch: MAIN } },
      ]);
      const [, , placed] = await messagesOn(store, head);
      const { status, parts, parentId, depth, version, turnId } = existing(placed);
      assert.deepEqual(
        { status, parts, parentId, depth, version, turnId },
        {
          status: "completed",
          parts: [text("second")],
          parentId: "b",
          depth: 2,
          version: 6,
          turnId: "q",
        },
      );
      assert.deepEqual(await store.loadMessages(keyOf("t"), ["q", "gone"]), [placed, null]);
    },
  },
  {
    name: "a page out of 1,000 messages is where it belongs",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = Array.from({ length: 1_000 }, (_, index) => `m${index}`);
      const head = await extend(store, "t", [create("t"), ...sayAll(...ids)]);
      const page = { minDepth: 400, maxDepth: 449 };
      assert.deepEqual(await idsOn(store, head, page), ids.slice(400, 450));
      const newest = { limit: 50, order: "desc" } as const;
      assert.deepEqual(await idsOn(store, head, newest), ids.slice(950).toReversed());
    },
  },
];

function sayAll(...ids: readonly string[]): readonly Change[] {
  return ids.map((id) => say(id, `this is ${id}`));
}

/** A point in the first segment of a thread, in which depth and position go together. */
function pointAt(
  { profile }: ThreadHead,
  position: number,
  messageId: string | null,
): Parameters<typeof branchAt>[1] {
  const segment = { threadId: profile.id, number: 0 };
  return { segment, position, messageId, count: position, turnId: messageId };
}

async function messagesOn(
  store: Store,
  head: ThreadHead,
  range: Partial<PathRange> = {},
  branch: string = MAIN,
): Promise<readonly Message[]> {
  return store.readPath(TENANT, endOf(head, branch), { ...WHOLE, ...range });
}

async function idsOn(
  store: Store,
  head: ThreadHead,
  range: Partial<PathRange> = {},
  branch: string = MAIN,
): Promise<readonly string[]> {
  return (await messagesOn(store, head, range, branch)).map(({ id }) => id);
}
