import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import type { Cell, Row } from "../sql/cell.ts";
import type { Answer, Ask } from "../sql/plan.ts";
import { splitAtParameters } from "../sql/server/question-marks.ts";
import type { ServerDriver, Session } from "../sql/server/server-driver.ts";
import { noteUnsent } from "../sql/server/unsent.ts";
import { loadDriver } from "./driver.ts";
import { TOO_LONG, isLost } from "./mysql-error.ts";

export interface PoolOptions {
  readonly url: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
}

// The driver writes values into the text itself, with backslashes before what needs them.
const SESSION = `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',
  innodb_lock_wait_timeout = 10, TRANSACTION_ISOLATION = 'READ-COMMITTED'`;
const MARIADB_SESSION = SESSION.replace("TRANSACTION_ISOLATION", "tx_isolation");

export async function openMysql(options: PoolOptions): Promise<MysqlDriver> {
  const { createPool } = await loadDriver();
  const pool = createPool({
    uri: options.url,
    connectionLimit: options.connections,
    connectTimeout: options.connectTimeoutMs,
    charset: "UTF8MB4_BIN",
    decimalNumbers: true,
    rowsAsArray: true,
    enableKeepAlive: true,
    // Only for what begins a transaction; no value ever has a statement of its own.
    multipleStatements: true,
  });
  return new MysqlDriver(pool);
}

export class MysqlDriver implements ServerDriver {
  readonly #pool: Pool;
  /** Connections that are set up, and how many bytes a statement on them may have. */
  readonly #prepared = new WeakMap<object, number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  ask(ask: Ask): Promise<Answer> {
    return this.session((session) => session.ask(ask));
  }

  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#within(
      "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
      work,
    );
  }

  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#within("START TRANSACTION", work);
  }

  /** One connection for several statements, each of which takes effect at once. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#with((connection, maxBytes) =>
      work({ ask: (ask) => query(connection, ask, maxBytes) }),
    );
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  #within<T>(begin: string, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#with(async (connection, maxBytes) => {
      let isCommitting = false;
      try {
        await connection.query(begin);
        const result = await work({ ask: (ask) => query(connection, ask, maxBytes) });
        isCommitting = true;
        await connection.query("COMMIT");
        return result;
      } catch (error) {
        if (!isCommitting) noteUnsent(error);
        if (!isLost(error)) await connection.query("ROLLBACK");
        throw error;
      }
    });
  }

  async #with<T>(use: (connection: PoolConnection, maxBytes: number) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    try {
      const result = await use(connection, await this.#prepare(connection));
      connection.release();
      return result;
    } catch (error) {
      if (isLost(error)) connection.destroy();
      else connection.release();
      throw error;
    }
  }

  async #connect(): Promise<PoolConnection> {
    try {
      return await this.#pool.getConnection();
    } catch (error) {
      noteUnsent(error);
      throw error;
    }
  }

  async #prepare(connection: PoolConnection): Promise<number> {
    const underlying = connection.connection;
    const known = this.#prepared.get(underlying);
    if (known !== undefined) return known;
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT version(), @@SESSION.max_allowed_packet",
    );
    const [version, maxBytes] = Object.values(rows[0] ?? {});
    const isMariadb = /mariadb/iu.test(String(version));
    await connection.query(isMariadb ? MARIADB_SESSION : SESSION);
    this.#prepared.set(underlying, Number(maxBytes));
    return Number(maxBytes);
  }
}

async function query(
  connection: PoolConnection,
  { sql, parameters, want }: Ask,
  maxBytes: number,
): Promise<Answer> {
  const { parts, numbers } = splitAtParameters(sql);
  const values = numbers.map((number) => {
    const cell = parameters[number] ?? null;
    return cell instanceof Uint8Array ? Buffer.from(cell) : cell;
  });
  const text = parts.join("?");
  requireFitting(connection, text, values, maxBytes);
  if (want === "rows") {
    const [rows] = await connection.query<RowDataPacket[][]>(text, values);
    // Arrays, because of `rowsAsArray`; the driver's types know objects only.
    return { rows: rows as unknown as readonly Row[], changes: 0, inserted: 0 };
  }
  const [{ affectedRows, insertId }] = await connection.query<ResultSetHeader>(text, values);
  return { rows: [], changes: affectedRows, inserted: insertId };
}

// A character of text is three bytes at most, or two when it needs a backslash; a byte is two digits.
const MOST_BYTES_PER_UNIT = 3;

/** The server ends the connection on a statement that is too long, often before it says why. */
function requireFitting(
  connection: PoolConnection,
  text: string,
  values: readonly (Cell | Buffer)[],
  maxBytes: number,
): void {
  let units = text.length;
  for (const value of values) units += sizeOf(value);
  if (units * MOST_BYTES_PER_UNIT < maxBytes) return;
  if (Buffer.byteLength(connection.format(text, values)) >= maxBytes)
    throw Object.assign(new Error("The statement is too long."), { errno: TOO_LONG });
}

// As text, a number has fewer characters.
const NUMBER_UNITS = 24;

function sizeOf(value: Cell | Buffer): number {
  return typeof value === "string" || value instanceof Uint8Array ? value.length : NUMBER_UNITS;
}
