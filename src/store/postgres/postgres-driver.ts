import type { CustomTypesConfig, Pool, PoolClient, PoolConfig } from "pg";
import type { Cell, Row } from "../sql/cell.ts";
import type { Answer, Ask } from "../sql/plan.ts";
import type { ServerDriver, Session } from "../sql/server/server-driver.ts";
import { noteUnsent } from "../sql/server/unsent.ts";
import { loadDriver } from "./driver.ts";
import { isLost } from "./postgres-error.ts";
import type { QuickStatement } from "./quick-statement.ts";
import { statementOf } from "./statement.ts";

// A column more or less makes another text; beyond these a statement is sent as it is.
const MAX_NAMES = 64;
// Compiling what the planner takes for dear takes longer than running it: a search of 10 ms waits for 200.
const SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off";

const BOOLEAN = 16;
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700]);
const BYTES = 17;

/** Cells of a row as the other databases answer them. */
const types: CustomTypesConfig = {
  getTypeParser: (oid: number) => (value: string) => cellOf(oid, value),
};

function cellOf(oid: number, value: string): Cell {
  if (NUMBERS.has(oid)) return Number(value);
  if (oid === BYTES) return bytesOf(value);
  return oid === BOOLEAN ? Number(value === "t") : value;
}

/** Of either form: `bytea_output` of a server, a database or a user says which. */
function bytesOf(value: string): Buffer {
  if (value.startsWith("\\x")) return Buffer.from(value.slice(2), "hex");
  const text = value.replaceAll(/\\(?:\\|([0-7]{3}))/gu, (_escaped, octal?: string) =>
    octal === undefined ? "\\" : String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(text, "latin1");
}

export interface PoolOptions {
  readonly url: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** Whether statements that come often have names; default: none has. */
  readonly prepares?: boolean;
}

/** Connections of the driver, with several statements on their way at once where one does not need the answer of the
 *  other. Statements have no names unless the options say so: a pooler may give each transaction another connection. */
export async function openPostgres(options: PoolOptions): Promise<PostgresDriver> {
  const pg = await loadDriver();
  const config: PoolConfig & { readonly pipeline: true } = {
    connectionString: options.url,
    max: options.connections,
    connectionTimeoutMillis: options.connectTimeoutMs,
    application_name: "skein",
    keepAlive: true,
    pipeline: true,
    allowExitOnIdle: true,
  };
  return new PostgresDriver(new pg.Pool(config), options.prepares ?? false);
}

export class PostgresDriver implements ServerDriver {
  readonly #pool: Pool;
  readonly #prepares: boolean;
  readonly #names = new Map<string, string>();

  constructor(pool: Pool, prepares: boolean) {
    this.#pool = pool;
    this.#prepares = prepares;
    // A connection that ends while nobody uses it; the pool makes another one.
    pool.on("error", () => undefined);
  }

  ask(ask: Ask): Promise<Answer> {
    return this.#with((client) => query(client, ask));
  }

  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#with(async (client) => {
      const begun = begin(client, SNAPSHOT);
      try {
        const result = await work(sessionOf(client));
        await begun;
        return result;
      } finally {
        // Nobody has to wait for the end of what only read; whoever comes next is answered after it.
        client.query("COMMIT").catch(() => undefined);
      }
    });
  }

  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#with(async (client) => {
      const begun = begin(client, "BEGIN ISOLATION LEVEL READ COMMITTED");
      let isCommitting = false;
      try {
        const result = await work(sessionOf(client));
        await begun;
        isCommitting = true;
        await client.query("COMMIT");
        return result;
      } catch (error) {
        if (!isCommitting) noteUnsent(error);
        client.query("ROLLBACK").catch(() => undefined);
        throw error;
      }
    });
  }

  /** Runs one statement with values as the driver takes them. */
  async query({ text, values, isPlain }: QuickStatement): Promise<readonly Row[]> {
    const name = isPlain ? this.#nameOf(text) : undefined;
    return this.#with(async (client) => {
      const { rows } = await client.query<Cell[]>({
        ...ARRAYS,
        text,
        values: [...values],
        ...(name !== undefined && { name }),
      });
      return rows;
    });
  }

  /** The server keeps what it made of a text under its name, on each connection. */
  #nameOf(text: string): string | undefined {
    if (!this.#prepares) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size === MAX_NAMES) return known;
    const name = `skein_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      noteUnsent(error);
      throw error;
    }
  }

  async #with<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let isBroken = false;
    const note = (): void => {
      isBroken = true;
    };
    client.once("error", note);
    try {
      return await use(client);
    } catch (error) {
      isBroken ||= isLost(error);
      throw error;
    } finally {
      client.off("error", note);
      client.release(isBroken);
    }
  }
}

const ARRAYS = { rowMode: "array", types } as const;

async function query(client: PoolClient, ask: Ask): Promise<Answer> {
  const { text, values } = statementOf(ask);
  const { rows, rowCount } = await client.query<Cell[]>({ ...ARRAYS, text, values: [...values] });
  return {
    rows,
    changes: rowCount ?? 0,
    inserted: typeof ask.want === "object" ? Number(rows[0]?.[0]) : 0,
  };
}

function sessionOf(client: PoolClient): Session {
  return { ask: (ask) => query(client, ask) };
}

/** On its way together with the first statement, which fails too if this does. */
function begin(client: PoolClient, text: string): Promise<unknown> {
  const begun = client.query(text);
  begun.catch(() => undefined);
  return begun;
}
