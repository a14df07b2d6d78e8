import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { testSearchAgreement } from "../sql/search/agreement.test-support.ts";
import { postgresStore } from "./postgres-store.ts";

await describeServer("postgres", "PostgreSQL's search", () => {
  testSearchAgreement(async () => postgresStore(await postgresUrl()));
});
