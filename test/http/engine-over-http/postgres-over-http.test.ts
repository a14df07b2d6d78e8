import { postgresStore } from "../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { ACTION_CASES } from "../../engine/cases/action-cases.ts";
import { CONCURRENCY_CASES } from "../../engine/cases/concurrency-cases.ts";
import { OBSERVE_CASES } from "../../engine/cases/observe-cases.ts";
import { RUN_CASES } from "../../engine/cases/run-cases.ts";
import { testEngine } from "../../engine/engine.test-support.ts";
import { describeServer } from "../../support/servers/describe-server.ts";
import { postgresUrl } from "../../support/servers/servers.ts";
import { LEFT_OUT } from "./left-out.ts";
import { serveEngine } from "./serve-engine.ts";

// Where it matters who comes first. The others ask a store nothing that they do not ask it without a server.
const cases = [...OBSERVE_CASES, ...CONCURRENCY_CASES, ...RUN_CASES, ...ACTION_CASES];

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
    cases,
    unable: LEFT_OUT,
  });
});
