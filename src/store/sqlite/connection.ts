import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Cell, Row } from "../sql/cell.ts";
import { storeErrorOf } from "./sqlite-error.ts";

/** Told of every statement that ran and how many rows it answered or changed. For tests that count work. */
export type StatementCounter = (sql: string, rows: number) => void;

/** A prepared statement that answers rows as arrays. */
export class Statement {
  readonly #statement: StatementSync;
  readonly #sql: string;
  readonly #count: StatementCounter | undefined;

  constructor(statement: StatementSync, sql: string, count: StatementCounter | undefined) {
    statement.setReturnArrays(true);
    this.#statement = statement;
    this.#sql = sql;
    this.#count = count;
  }

  /** Runs it; answers the number of rows that it changed. */
  run(...parameters: readonly Cell[]): number {
    const changes = Number(this.#statement.run(...parameters).changes);
    this.#count?.(this.#sql, changes);
    return changes;
  }

  /** Inserts a row; answers its row id. */
  insert(...parameters: readonly Cell[]): number {
    const { lastInsertRowid, changes } = this.#statement.run(...parameters);
    this.#count?.(this.#sql, Number(changes));
    return Number(lastInsertRowid);
  }

  row(...parameters: readonly Cell[]): Row | undefined {
    const row = this.#statement.get(...parameters) as unknown as Row | undefined;
    this.#count?.(this.#sql, row === undefined ? 0 : 1);
    return row;
  }

  rows(...parameters: readonly Cell[]): readonly Row[] {
    const rows = this.#statement.all(...parameters) as unknown as readonly Row[];
    this.#count?.(this.#sql, rows.length);
    return rows;
  }

  /** Rows one by one. The statement must not be used for anything else meanwhile. */
  *each(...parameters: readonly Cell[]): Generator<Row> {
    let rows = 0;
    try {
      for (const row of this.#statement.iterate(...parameters)) {
        rows += 1;
        yield row as unknown as Row;
      }
    } finally {
      this.#count?.(this.#sql, rows);
    }
  }
}

/** One connection with its prepared statements. Not for two threads. */
export class Connection {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Statement>();
  readonly #count: StatementCounter | undefined;

  constructor(database: DatabaseSync, path: string, count?: StatementCounter) {
    this.#database = database;
    this.path = path;
    this.#count = count;
  }

  /** The prepared statement of this text, made on first use. */
  statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = new Statement(this.#database.prepare(sql), sql, this.#count);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Runs statements that answer nothing. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** The single value that a pragma or an aggregate answers. */
  value(sql: string): Cell {
    return this.statement(sql).row()?.[0] ?? null;
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs `work` in a write transaction: all of it or nothing. Throws SQLite's own error when the file is locked. */
  transaction<T>(work: () => T): T {
    this.begin();
    try {
      const result = work();
      this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw storeErrorOf(error, this.path);
    }
  }

  /** Runs reads on one state of the data. */
  snapshot<T>(work: () => T): T {
    this.statement("BEGIN").run();
    try {
      return work();
    } finally {
      this.rollback();
    }
  }

  begin(): void {
    this.statement("BEGIN IMMEDIATE").run();
  }

  commit(): void {
    this.statement("COMMIT").run();
  }

  /** Ends a transaction that failed; SQLite may have ended it already. */
  rollback(): void {
    if (this.#database.isTransaction) this.statement("ROLLBACK").run();
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }
}
