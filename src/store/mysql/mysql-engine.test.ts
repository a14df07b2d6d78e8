import { testEngine } from "../../../test/engine/engine.test-support.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { mariadbUrl } from "../../../test/support/servers/servers.ts";
import type { Store } from "../store.ts";
import { mysqlStore } from "./mysql-store.ts";

await describeServer("mariadb", "MariaDB", () => {
  const addresses = new WeakMap<Store, string>();
  testEngine({
    name: "mysql",
    open: async (beside) => {
      const address = (beside && addresses.get(beside)) ?? (await mariadbUrl());
      const store = mysqlStore(address);
      addresses.set(store, address);
      return store;
    },
  });
});
