import { closeSync, openSync, rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isSkeinError } from "../../model/error.ts";
import { Connection } from "./connection.ts";
import { SEARCH_TIMEOUT_MS, prepareIndex } from "./search-schema.ts";
import { storeErrorOf } from "./sqlite-error.ts";

/** `skein.db` has its index in `skein-search.db`. */
export function searchPathOf(path: string): string {
  const name = /\.[^./\\]+$/.exec(path)?.[0] ?? "";
  return `${path.slice(0, path.length - name.length)}-search${name}`;
}

/** Opens the index of the log in `path`, with the log's tables attached for reading. An index that is damaged, or of
 *  another log or version, is begun anew. */
export function openSearchConnection(path: string): Connection {
  try {
    return open(path);
  } catch (error) {
    if (!isDamage(error, path)) throw storeErrorOf(error, path);
    removeSearchFiles(path);
    return open(path);
  }
}

export function isDamage(error: unknown, path: string): boolean {
  return isSkeinError(storeErrorOf(error, path), "store_corrupt");
}

export function removeSearchFiles(path: string): void {
  for (const suffix of ["", "-wal", "-shm"])
    rmSync(`${searchPathOf(path)}${suffix}`, { force: true });
}

function open(path: string): Connection {
  const searchPath = searchPathOf(path);
  // What people wrote is in the index too: only the owner of the process may read it.
  closeSync(openSync(searchPath, "a", 0o600));
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const connection = new Connection(
    new DatabaseSync(searchPath, {
      timeout: SEARCH_TIMEOUT_MS,
      enableForeignKeyConstraints: false,
    }),
    searchPath,
  );
  try {
    // Losing the last transactions of an index in a power failure is harmless: its cursor is lost with them.
    connection.execute(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;
       PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY`,
    );
    // Read-only, so that a write transaction here never holds the log's write lock.
    const log = pathToFileURL(path);
    log.searchParams.set("mode", "ro");
    connection.statement("ATTACH ? AS log").run(log.href);
    prepareIndex(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
