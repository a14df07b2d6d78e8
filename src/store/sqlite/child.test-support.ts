import { once } from "node:events";
import { create, extend, keyOf } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { sqliteStore } from "./sqlite-store.ts";

/** What another process does with the store of a test. */
const [role = "", path = "", ...values] = process.argv.slice(2);
const store = sqliteStore({ path });

const roles: Readonly<Record<string, () => Promise<void>>> = {
  /** Holds its instance and a lease until it is killed. */
  live: async () => {
    await store.acquireLease("k", "child", 600_000);
    console.log(store.instance);
    setInterval(() => undefined, 1_000);
  },
  /** Commits to older threads and waits to be killed before any list is brought up to date. */
  commit: async () => {
    for (const id of values) await extend(store, id, [say(`${id}-new`, "hello")], { at: 9e12 });
    console.log("committed");
    setInterval(() => undefined, 1_000);
  },
  /** Appends one message at a time to a thread of its own, once it is told to. */
  append: async () => {
    const [thread = "", count = "0"] = values;
    await extend(store, keyOf(thread), [create(thread)]);
    console.log("ready");
    await once(process.stdin, "data");
    process.stdin.destroy();
    for (let index = 0; index < Number(count); index++)
      await extend(store, keyOf(thread), [say(`${thread}-${index}`, "hello")]);
    await store.close();
  },
};

await roles[role]?.();
