import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { redisStore } from "../../src/store/redis/redis-store.ts";
import { fromRepository } from "../../src/store/repository/from-repository.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

const page = readFileSync(new URL("../../docs/stores.md", import.meta.url), "utf8");
const cells = page
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.slice(2, -2).split(" | "));

// None of them is opened.
const stores: Readonly<Record<string, Store>> = {
  sqlite: sqliteStore({ path: "unused.db" }),
  postgres: postgresStore("postgres://127.0.0.1/unused"),
  mysql: mysqlStore("mysql://127.0.0.1/unused"),
  redis: redisStore("redis://127.0.0.1"),
  file: fileStore({ path: "unused" }),
  memory: memoryStore(),
  repository: fromRepository({
    getThread: () => Promise.resolve(null),
    putThread: () => Promise.resolve(),
    deleteThread: () => Promise.resolve(),
  }),
};

test("docs/stores.md tells what each store can do", () => {
  const names = cells.find((row) => row.includes("durable"))?.slice(1) ?? [];
  for (const [name, store] of Object.entries(stores)) {
    const row = cells.find(([first]) => first === name)?.slice(1);
    const told = names.map((capability, index) => [capability, row?.[index]]);
    const known = Object.entries(store.capabilities).map(([capability, isAble]) =>
      // Only a server that is asked knows whether it keeps what it acknowledges.
      name === "redis" && capability === "durable"
        ? [capability, "when its settings allow"]
        : [capability, isAble ? "yes" : "no"],
    );
    expect(told, name).toEqual(known);
  }
});
