import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { testConformance } from "../../../test/conformance/conformance.test-support.ts";
import { postgresStore } from "./postgres-store.ts";

await describeServer("postgres", "PostgreSQL", () => {
  testConformance({ name: "postgres", openStore: async () => postgresStore(await postgresUrl()) });
});
