import { isSkeinError } from "../../model/error.ts";
import type { Reader } from "../key.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type { Connection } from "./connection.ts";
import { MAX_ROWS, catchUp, placeOf } from "./search-catch-up.ts";
import { isDamage, openSearchConnection, removeSearchFiles } from "./search-connection.ts";
import { eraseRows, eraseStep } from "./search-erase.ts";
import { findHits } from "./search-hits.ts";
import type { OpenSearchIndex, SearchIndex } from "./search-port.ts";
import { loadLag } from "./search-schema.ts";
import { storeErrorOf } from "./sqlite-error.ts";

export const openSearchIndex: OpenSearchIndex = ({ path }) => new FileSearchIndex(path);

class FileSearchIndex implements SearchIndex {
  readonly #path: string;
  #connection: Connection;

  constructor(path: string) {
    this.#path = path;
    this.#connection = openSearchConnection(path);
  }

  catchUp(limit: number): number {
    return this.#surviving((connection) => {
      const rows = catchUp(connection, limit);
      return rows === 0 && eraseStep(connection) ? 1 : rows;
    });
  }

  search(reader: Reader, query: SearchQuery): SearchPage {
    return this.#surviving((connection) => {
      const page = inOneView(connection, () =>
        loadLag(connection) === 0 ? { ...findHits(connection, reader, query), indexLag: 0 } : null,
      );
      if (page !== null) return page;
      takePending(connection);
      return inOneView(connection, () => ({
        ...findHits(connection, reader, query),
        indexLag: lagOf(connection),
      }));
    });
  }

  lag(): number {
    return this.#surviving(lagOf);
  }

  forget(tid: number, messageIds: readonly string[]): void {
    this.#surviving((connection) =>
      connection.transaction(() => {
        const row = connection
          .statement("SELECT tenant, owner FROM log.skein_thread WHERE tid = ?")
          .row(tid);
        if (row === undefined) return;
        const home = { tid, tenant: String(row[0]), owner: String(row[1]) };
        const lsns = messageIds.map((id) => placeOf(connection, home, id));
        eraseRows(
          connection,
          lsns.filter((lsn) => lsn !== null),
        );
      }),
    );
  }

  reset(): void {
    this.#connection.close();
    removeSearchFiles(this.#path);
    this.#connection = openSearchConnection(this.#path);
  }

  close(): void {
    this.#connection.close();
  }

  /** An index that turns out to be damaged is begun anew, once. */
  #surviving<T>(work: (connection: Connection) => T): T {
    try {
      return work(this.#connection);
    } catch (error) {
      if (!isDamage(error, this.#path)) throw storeErrorOf(error, this.#path);
    }
    this.reset();
    try {
      return work(this.#connection);
    } catch (error) {
      throw storeErrorOf(error, this.#path);
    }
  }
}

/** Runs `read` on one state of index and log. */
function inOneView<T>(connection: Connection, read: () => T): T {
  connection.statement("BEGIN").run();
  try {
    return read();
  } finally {
    connection.rollback();
  }
}

/** A search that cannot write still answers, and says how far behind it is. */
function takePending(connection: Connection): void {
  try {
    catchUp(connection, MAX_ROWS);
  } catch (error) {
    const known = storeErrorOf(error, connection.path);
    if (!isSkeinError(known, "store_busy") && !isSkeinError(known, "store_full")) throw known;
  }
}

function lagOf(connection: Connection): number {
  return Math.max(0, loadLag(connection));
}
