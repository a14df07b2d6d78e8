import { testConformance } from "../../../test/conformance/conformance.test-support.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { redisUrl } from "../../../test/support/servers/servers.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

await describeServer("redis", "Redis", () => {
  const addresses = new Map<Store, string>();
  const open = async (address: string): Promise<Store> => {
    const store = redisStore(address);
    addresses.set(store, address);
    // What the store can do depends on the server.
    await store.open();
    return store;
  };
  testConformance({
    name: "Redis",
    openStore: async () => open(await redisUrl()),
    reopen: async (store) => {
      await store.close();
      return open(addresses.get(store) ?? "");
    },
  });
});
