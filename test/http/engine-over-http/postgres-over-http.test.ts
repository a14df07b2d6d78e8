import { postgresStore } from "../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { testEngine } from "../../engine/engine.test-support.ts";
import { describeServer } from "../../support/servers/describe-server.ts";
import { postgresUrl } from "../../support/servers/servers.ts";
import { LEFT_OUT } from "./left-out.ts";
import { serveEngine } from "./serve-engine.ts";

await describeServer("postgres", "PostgreSQL", () => {
  const addresses = new WeakMap<Store, string>();
  testEngine({
    name: "postgres behind HTTP",
    open: async (beside) => {
      const address = (beside && addresses.get(beside)) ?? (await postgresUrl());
      const store = postgresStore(address);
      addresses.set(store, address);
      return store;
    },
    engineOver: serveEngine,
    unable: LEFT_OUT,
  });
});
