import { testEngine } from "../../../test/engine/engine.test-support.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import type { Store } from "../store.ts";
import { postgresStore } from "./postgres-store.ts";

await describeServer("postgres", "PostgreSQL", () => {
  const addresses = new WeakMap<Store, string>();
  testEngine({
    name: "postgres",
    open: async (beside) => {
      const address = (beside && addresses.get(beside)) ?? (await postgresUrl());
      const store = postgresStore(address);
      addresses.set(store, address);
      return store;
    },
  });
});
