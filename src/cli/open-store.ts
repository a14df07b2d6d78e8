import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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

// What stands before an @ may be a password, and so may what follows a question mark.
export function withoutSecrets(address: string): string {
  return oneLine(address.replace(/^([a-z]+:(?:\/\/)?)?.*@/is, "$1…@").replace(/\?.*/s, "?…"), 200);
}

// Conversations do not belong into the repository that the working directory may be.
async function makeDirectory(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true });
  if (made !== undefined && basename(directory) === ".skein") {
    await writeFile(join(directory, ".gitignore"), "*\n");
  }
}
