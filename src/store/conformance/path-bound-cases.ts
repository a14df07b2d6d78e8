import assert from "node:assert/strict";
import type { Message } from "../../model/message.ts";
import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { PathRange, Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, existing, extend, TENANT } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { branchAt, endOf, say } from "./message-fixture.ts";

const WHOLE: PathRange = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };

export const PATH_BOUND_CASES: readonly ConformanceCase[] = [
  {
    name: "a path bounded by bytes stops before they are exceeded, wherever it starts",
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await extend(store, "t", [create("t"), ...longSays(["a", "b", "c"])]);
      const head = await extend(store, "t", [
        branchAt("side", existing(start.branches[MAIN])),
        say("m", "on main"),
        ...longSays(["x", "y", "z"], "side"),
      ]);
      const ids = (range: Partial<PathRange>): Promise<readonly string[]> =>
        idsOn(store, head, range, "side");
      const two = 2.5 * LONG;
      const four = 4.5 * LONG;
      assert.deepEqual(await ids({ maxBytes: two }), ["a", "b"]);
      assert.deepEqual(await ids({ maxBytes: four }), ["a", "b", "c", "x"]);
      assert.deepEqual(await ids({ maxBytes: four, minDepth: 1 }), ["b", "c", "x", "y"]);
      assert.deepEqual(await ids({ maxBytes: two, order: "desc" }), ["z", "y"]);
      assert.deepEqual(await ids({ maxBytes: four, order: "desc" }), ["z", "y", "x", "c"]);
      assert.deepEqual(await ids({ maxBytes: four, maxDepth: 4, order: "desc", limit: 3 }), [
        "y",
        "x",
        "c",
      ]);
      assert.deepEqual(await ids({ maxBytes: four, limit: 1 }), ["a"]);
      assert.deepEqual(await ids({ maxBytes: 99 * LONG }), ["a", "b", "c", "x", "y", "z"]);
      assert.deepEqual(await ids({ maxBytes: two, minDepth: 6 }), []);
      const whole = await messagesOn(store, head, {}, "side");
      const newest = { maxBytes: four, order: "desc" } as const;
      const oldest = await messagesOn(store, head, { maxBytes: four }, "side");
      assert.deepEqual(oldest, whole.slice(0, 4));
      assert.deepEqual(await messagesOn(store, head, newest, "side"), whole.slice(2).toReversed());
    },
  },
  {
    name: "a path bounded by bytes has at least one message, however large",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), ...longSays(["a", "b"])]);
      assert.deepEqual(await idsOn(store, head, { maxBytes: 1 }), ["a"]);
      assert.deepEqual(await idsOn(store, head, { maxBytes: 1, order: "desc" }), ["b"]);
      const ofUsers = { maxBytes: 1, roles: ["user"] } as const;
      assert.deepEqual(await idsOn(store, head, ofUsers), ["a"]);
    },
  },
  {
    name: "a bound counts bytes, and only those of the roles asked for",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t"),
        say("u1", "é".repeat(LONG / 2)),
        say("a1", "a".repeat(LONG), { role: "assistant" }),
        say("u2", "é".repeat(LONG / 2)),
        say("u3", "é".repeat(LONG / 2)),
      ]);
      const roles = ["user"] as const;
      const maxBytes = 2.5 * LONG;
      assert.deepEqual(await idsOn(store, head, { maxBytes }), ["u1", "a1"]);
      assert.deepEqual(await idsOn(store, head, { maxBytes, roles }), ["u1", "u2"]);
      const newest = { maxBytes, roles, order: "desc" } as const;
      assert.deepEqual(await idsOn(store, head, newest), ["u3", "u2"]);
    },
  },
];

const LONG = 10_000;

/** Messages whose stored JSON is little more than `LONG` bytes. */
function longSays(ids: readonly string[], branch: string = MAIN): readonly Change[] {
  return ids.map((id) => say(id, id.repeat(LONG), { branch }));
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
