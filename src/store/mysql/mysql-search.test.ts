import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { mariadbUrl } from "../../../test/support/servers/servers.ts";
import { testSearchAgreement } from "../sql/search/agreement.test-support.ts";
import { mysqlStore } from "./mysql-store.ts";

await describeServer("mariadb", "MariaDB's search", () => {
  testSearchAgreement(async () => mysqlStore(await mariadbUrl()));
});
