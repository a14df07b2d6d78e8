import { createClient } from "redis";
import { afterAll } from "vitest";
import { testConformance } from "../../../test/conformance/conformance.test-support.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { ownServer } from "../../../test/support/servers/servers.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

// A cluster of one node refuses, like any other, what touches keys of several slots.
await describeServer(
  "redis",
  "a cluster of Redis",
  async () => {
    const server = await ownServer("redis", { "cluster-enabled": "yes" });
    afterAll(() => server[Symbol.asyncDispose]());
    const client = createClient({ url: server.url });
    await client.connect();
    await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    while (!(await client.sendCommand<string>(["CLUSTER", "INFO"])).includes("cluster_state:ok"));
    client.destroy();
    const prefixes = new Map<Store, string>();
    const open = async (prefix: string): Promise<Store> => {
      const store = redisStore(server.url, { prefix });
      prefixes.set(store, prefix);
      await store.open();
      return store;
    };
    testConformance({
      name: "Redis cluster",
      openStore: () => open(`store-${prefixes.size}`),
      reopen: async (store) => {
        await store.close();
        return open(prefixes.get(store) ?? "");
      },
    });
  },
  { own: true },
);
