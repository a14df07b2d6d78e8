import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { cacheKibFor } from "./cache-size.ts";
import { Connection, type StatementCounter } from "./connection.ts";
import { renewEpoch } from "./epoch.ts";
import { migrate, proveOurs } from "./migrations.ts";
import { pause } from "./pause.ts";
import { isBusy, openErrorOf } from "./sqlite-error.ts";

export interface ConnectionOptions {
  readonly path: string;
  readonly synchronous: "FULL" | "NORMAL";
  readonly count?: StatementCounter;
}

const OPEN_TIMEOUT_MS = 5_000;

// A writer waits only shortly inside SQLite, whose pauses grow to 100 ms, and retries by itself: then it meets the
// moments in which the other process yields.
const WRITER_TIMEOUT_MS = 0;

/** Opens the file for writing; makes and migrates it where needed. Several processes may do so at once. */
export function openWriter(options: ConnectionOptions): Connection {
  const { path, synchronous } = options;
  makeFile(path);
  return configured(options, (connection) => {
    proveOurs(connection);
    // Redacted text must not stay behind in free pages.
    connection.execute(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
       PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864;
       PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON`,
    );
    cacheShare(connection);
    migrate(connection);
    proveWritable(connection);
    renewEpoch(connection);
    connection.execute(`PRAGMA busy_timeout = ${WRITER_TIMEOUT_MS}`);
  });
}

/** Memory is taken only for pages that were read. */
function cacheShare(connection: Connection): void {
  const pages = Number(connection.value("PRAGMA page_count"));
  const pageBytes = Number(connection.value("PRAGMA page_size"));
  connection.execute(`PRAGMA cache_size = -${cacheKibFor((pages * pageBytes) / 1_024)}`);
}

function proveWritable(connection: Connection): void {
  connection.begin();
  connection.rollback();
}

/** Opens a file that a writer has opened before, for reading. */
export function openReader(options: ConnectionOptions): Connection {
  return configured(options, (connection) => {
    connection.execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY");
    cacheShare(connection);
  });
}

function configured(options: ConnectionOptions, set: (connection: Connection) => void): Connection {
  const { path, count } = options;
  // Loaded here, so that importing Skein does not load SQLite.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  let connection: Connection | undefined;
  try {
    const database = new DatabaseSync(path, {
      timeout: OPEN_TIMEOUT_MS,
      enableForeignKeyConstraints: false,
    });
    connection = new Connection(database, path, count);
    waitForOthers(connection, set);
    return connection;
  } catch (error) {
    connection?.close();
    throw openErrorOf(error, path);
  }
}

/** Two processes that make the same file get in each other's way, and SQLite does not wait for all of it. */
function waitForOthers(connection: Connection, set: (connection: Connection) => void): void {
  const deadline = performance.now() + OPEN_TIMEOUT_MS;
  for (;;)
    try {
      return set(connection);
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      pause(5 * Math.random());
    }
}

/** Conversations are private: only the owner of the process may read the file and a folder made for it. */
function makeFile(path: string): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw openErrorOf(error, path);
  }
}
