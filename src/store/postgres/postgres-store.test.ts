import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { testConformance } from "../../../test/conformance/conformance.test-support.ts";
import type { Store } from "../store.ts";
import { postgresStore } from "./postgres-store.ts";

await describeServer("postgres", "PostgreSQL", () => {
  const addresses = new Map<Store, string>();
  const open = (address: string): Store => {
    const store = postgresStore(address);
    addresses.set(store, address);
    return store;
  };
  testConformance({
    name: "postgres",
    openStore: async () => open(await postgresUrl()),
    reopen: async (store) => {
      await store.close();
      return open(addresses.get(store) ?? "");
    },
  });
});
