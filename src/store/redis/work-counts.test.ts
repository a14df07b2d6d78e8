import { createClient } from "redis";
import { expect, onTestFinished, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { ownServer } from "../../../test/support/servers/servers.ts";
import type { ThreadHead } from "../../model/thread.ts";
import {
  create,
  EVERYBODY,
  existing,
  extend,
  itemOf,
  keyOf,
  makeWrite,
  TENANT,
} from "../conformance/fixture.ts";
import { endOf, originOf, say } from "../conformance/message-fixture.ts";
import { startRun } from "../conformance/run-fixture.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

const LONG = 2_000;

interface Work {
  /** Calls from outside: each is a round trip. */
  readonly trips: number;
  /** Commands that the server carried out, those of scripts included. */
  readonly commands: number;
}

async function grow(store: Store, id: string, messages: number): Promise<ThreadHead> {
  const says = Array.from({ length: messages }, (_, index) => say(`${id}.${index}`, "hello"));
  return extend(store, id, [create(id), ...says]);
}

await describeServer(
  "redis",
  "the work of the store on Redis",
  () => {
    const measured = async (): Promise<{
      readonly store: Store;
      readonly workOf: (call: () => Promise<unknown>) => Promise<Work>;
    }> => {
      const server = await ownServer("redis");
      const store = redisStore(server.url);
      await store.open();
      const client = createClient({ url: server.url });
      await client.connect();
      onTestFinished(async () => {
        client.destroy();
        await store.close();
        await server[Symbol.asyncDispose]();
      });
      const workOf = async (call: () => Promise<unknown>): Promise<Work> => {
        await client.sendCommand(["CONFIG", "RESETSTAT"]);
        await call();
        const stats = await client.sendCommand<string>(["INFO", "commandstats"]);
        let [trips, commands] = [0, 0];
        for (const [, name = "", calls] of stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/gu)) {
          // The sign of life goes on meanwhile, and the measuring counts itself.
          if (/^(?:set|info|config|select)/u.test(name)) continue;
          if (name === "evalsha" || name === "eval") trips += Number(calls);
          else commands += Number(calls);
        }
        return { trips, commands };
      };
      return { store, workOf };
    };

    test("does not grow with the thread", async () => {
      const { store, workOf } = await measured();
      const short = await grow(store, "short", 60);
      const long = await grow(store, "long", LONG);
      const works = async (head: ThreadHead): Promise<readonly Work[]> => {
        const { id } = head.profile;
        const end = endOf(head);
        const page = { minDepth: 0, maxDepth: LONG, order: "desc", limit: 50 } as const;
        return [
          await workOf(() => store.loadHeads([keyOf(id)])),
          await workOf(() => store.readPath(TENANT, end, page)),
          await workOf(() => store.listEntries(keyOf(id), 10, 20)),
          await workOf(() =>
            store.loadFacts(keyOf(id), [{ kind: "message", id: `${id}.9`, on: end }]),
          ),
          await workOf(() =>
            extend(store, `${id}-fork`, [create(`${id}-fork`, {}, originOf(head))]),
          ),
          await workOf(() => extend(store, id, [say(`${id}.new`, "one more")])),
        ];
      };
      // The first time a script is sent in full.
      await works(await grow(store, "first", 60));
      const [few, many] = [await works(short), await works(long)];
      expect(many).toEqual(few);
      expect(many.map(({ trips }) => trips)).toEqual([1, 1, 1, 1, 2, 2]);
    });

    test("of a commit is one script, whatever it has", async () => {
      const { store, workOf } = await measured();
      await grow(store, "first", 1);
      const writes = ["a", "b", "c"].map((id) =>
        makeWrite(keyOf(id), null, [create(id), say(`${id}.m`, "hello"), startRun(`${id}.r`)]),
      );
      const [first, ...others] = writes.map((write) => itemOf(write));
      const chains = [[existing(first)], [itemOf(...others.flatMap((item) => item.writes))]];
      const { trips } = await workOf(() => store.commit(chains));
      expect(trips).toBe(1);
      expect(await store.loadHeads(["a", "b", "c"].map(keyOf))).not.toContain(null);
    });

    test("of a list is what it shows", async () => {
      const { store, workOf } = await measured();
      const list = (): Promise<unknown> => store.listThreads(EVERYBODY, { limit: 5 });
      for (let index = 0; index < 10; index++) await grow(store, `t${index}`, 1);
      await list();
      const few = await workOf(list);
      for (let index = 10; index < 300; index++) await grow(store, `t${index}`, 1);
      expect(await workOf(list)).toEqual(few);
      expect(few.trips).toBe(1);
    });
  },
  { own: true },
);
