import { expect, test } from "vitest";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl } from "../support/servers/servers.ts";

const cases = [
  {
    kind: "postgres",
    freshUrl: postgresUrl,
    open: postgresStore,
    encrypted: ["sslmode", "verify-full"],
  },
  { kind: "mariadb", freshUrl: mariadbUrl, open: mysqlStore, encrypted: ["ssl", "{}"] },
] as const;

async function refusalOf(store: Store): Promise<unknown> {
  try {
    return await store.open().catch((error: unknown) => error);
  } finally {
    await store.close();
  }
}

for (const { kind, freshUrl, open, encrypted } of cases)
  await describeServer(kind, `the entry to ${kind}`, () => {
    test("without the password that the server asks for is refused as a wrong one is", async () => {
      const url = new URL(await freshUrl());
      url.password = "";
      expect(await refusalOf(open(url.href))).toMatchObject({
        code: "invalid_request",
        field: "store",
        message: expect.stringMatching(/^\w+ \S+ refuses the user or the password\. Check them/u),
      });
    });

    test("without encryption, where the address asks for it, is refused for good", async () => {
      const url = new URL(await freshUrl());
      const [name, value] = encrypted;
      url.searchParams.set(name, value);
      expect(await refusalOf(open(url.href))).toMatchObject({
        code: "invalid_request",
        retryAfterMs: undefined,
        message: expect.stringMatching(/^\w+ \S+ does not make an encrypted connection/u),
      });
    });
  });
