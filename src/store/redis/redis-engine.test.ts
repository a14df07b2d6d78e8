import { testEngine } from "../../../test/engine/engine.test-support.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { redisUrl } from "../../../test/support/servers/servers.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

await describeServer("redis", "Redis", () => {
  const addresses = new Map<Store, string>();
  testEngine({
    name: "Redis",
    open: async (beside) => {
      const address = (beside && addresses.get(beside)) ?? (await redisUrl());
      const store = redisStore(address);
      addresses.set(store, address);
      return store;
    },
  });
});
