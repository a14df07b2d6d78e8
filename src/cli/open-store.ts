import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SchemaState } from "../store/schema-state.ts";
import { SkeinError } from "../model/error.ts";
import type { Store } from "../store/store.ts";
import { usageError } from "./arguments.ts";
import { oneLine } from "./format/printable.ts";

/** The file or folder behind a `sqlite:` or `file:` address; `undefined` for other stores. */
export function localPathOf(store: string | Store): string | undefined {
  return typeof store === "string" ? /^(?:sqlite|file):(.*)$/s.exec(store)?.[1] : undefined;
}

/** The adapter for an address. Nothing is opened yet; directories of a file are made.
 *  @param threads  commits and searches in threads of their own; for servers
 *  @throws SkeinError  `invalid_request` for an address that is none */
export async function storeAt(address: string | Store, threads: boolean): Promise<Store> {
  if (typeof address !== "string") return address;
  const scheme = /^([a-z]+):/.exec(address)?.[1] ?? "";
  if (scheme === "memory") {
    const { memoryStore } = await import("../store/memory/memory-store.ts");
    return memoryStore();
  }
  if (scheme === "sqlite") {
    const path = address.slice("sqlite:".length);
    if (path === "") throw usageError("sqlite: needs a path, as in sqlite:./skein.db.", "store");
    await makeDirectory(dirname(path));
    const { sqliteStore } = await import("../store/sqlite/sqlite-store.ts");
    return sqliteStore({ path, threads });
  }
  if (scheme === "file") {
    const path = address.slice("file:".length);
    if (path === "") throw usageError("file: needs a folder, as in file:./threads.", "store");
    await makeDirectory(dirname(path));
    const { fileStore } = await import("../store/file/file-store.ts");
    return fileStore({ path, threads });
  }
  if (scheme === "postgres" || scheme === "postgresql") {
    const { postgresStore } = await import("../store/postgres/postgres-store.ts");
    return postgresStore(address);
  }
  if (scheme === "mysql" || scheme === "mariadb") {
    const { mysqlStore } = await import("../store/mysql/mysql-store.ts");
    return mysqlStore(address);
  }
  if (scheme === "redis" || scheme === "rediss") {
    const { redisStore } = await import("../store/redis/redis-store.ts");
    return redisStore(address);
  }
  throw usageError(
    `The store must be sqlite:<path>, file:<folder>, postgres://…, mysql://…, redis://… or memory:, not "${withoutSecrets(address)}".`,
    "store",
  );
}

/** How far the schema of a store is. Changes nothing; a custom store has none, and so has memory. */
export async function schemaAt(address: string | Store): Promise<SchemaState | null> {
  if (typeof address !== "string") return null;
  const [, scheme = "", path = ""] = /^([a-z]+):(.*)$/s.exec(address) ?? [];
  switch (path === "" ? path : scheme) {
    case "sqlite":
      return (await import("../store/sqlite/read-schema.ts")).readSqliteSchema(path);
    case "file":
      return (await import("../store/file/read-schema.ts")).readFileSchema(path);
    case "postgres":
    case "postgresql":
      return (await import("../store/postgres/read-schema.ts")).readPostgresSchema(address);
    case "mysql":
    case "mariadb":
      return (await import("../store/mysql/read-schema.ts")).readMysqlSchema(address);
    case "redis":
    case "rediss":
      return (await import("../store/redis/read-schema.ts")).readRedisSchema(address);
    default:
      // Says what is wrong with it, if something is.
      await (await storeAt(address, false)).close();
      return null;
  }
}

// What stands before an @ may be a password, and so may what follows a question mark.
export function withoutSecrets(address: string): string {
  return oneLine(address.replace(/^([a-z]+:(?:\/\/)?)?.*@/is, "$1…@").replace(/\?.*/s, "?…"), 200);
}

// Conversations do not belong into the repository that the working directory may be.
async function makeDirectory(directory: string): Promise<void> {
  try {
    const made = await mkdir(directory, { recursive: true });
    if (made !== undefined && basename(directory) === ".skein") {
      await writeFile(join(directory, ".gitignore"), "*\n");
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOSPC" || code === "EDQUOT")
      throw new SkeinError("store_full", `Cannot make ${directory}: the disk is full. Make room.`);
    throw usageError(
      `Cannot make the folder ${directory} (${code}). Choose another path for the store.`,
      "store",
    );
  }
}
