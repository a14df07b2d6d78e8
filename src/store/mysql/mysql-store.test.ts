import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { mariadbUrl } from "../../../test/support/servers/servers.ts";
import { testConformance } from "../../../test/conformance/conformance.test-support.ts";
import type { Store } from "../store.ts";
import { mysqlStore } from "./mysql-store.ts";

await describeServer("mariadb", "MariaDB", () => {
  const addresses = new Map<Store, string>();
  const open = (address: string): Store => {
    const store = mysqlStore(address);
    addresses.set(store, address);
    return store;
  };
  testConformance({
    name: "mysql",
    openStore: async () => open(await mariadbUrl()),
    reopen: async (store) => {
      await store.close();
      return open(addresses.get(store) ?? "");
    },
  });
});
