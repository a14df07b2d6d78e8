import { numberAt, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";

const LIMIT = 10_000;

/** Numbers of threads by tenant and id, and back. They never change, so what was committed once is true for ever;
 *  what was read in a transaction is forgotten when it fails. Bounded: starts anew at 10,000 threads. */
export class ThreadIds {
  readonly #connection: Connection;
  readonly #tids = new Map<string, number>();
  readonly #names = new Map<number, string>();
  #isSettled = true;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  find(tenant: string, id: string): number | undefined {
    const known = this.#tids.get(nameOf(tenant, id));
    if (known !== undefined) return known;
    const row = this.#connection
      .statement("SELECT tid FROM skein_thread WHERE tenant = ? AND id = ?")
      .row(tenant, id);
    if (row === undefined) return undefined;
    const tid = numberAt(row, 0);
    this.learn(tenant, id, tid);
    return tid;
  }

  /** The caller's id of a thread. */
  idOf(tid: number): string {
    let id = this.#names.get(tid);
    if (id !== undefined) return id;
    const row = this.#connection.statement("SELECT id FROM skein_thread WHERE tid = ?").row(tid);
    id = row === undefined ? "" : textAt(row, 0);
    this.#bound();
    this.#names.set(tid, id);
    return id;
  }

  learn(tenant: string, id: string, tid: number): void {
    this.#bound();
    this.#tids.set(nameOf(tenant, id), tid);
  }

  /** Ends a transaction: what was learnt in one that failed may not exist. */
  settle(hasFailed: boolean): void {
    if (hasFailed && !this.#isSettled) {
      this.#tids.clear();
      this.#names.clear();
    }
    this.#isSettled = true;
  }

  #bound(): void {
    this.#isSettled = false;
    if (this.#tids.size >= LIMIT) this.#tids.clear();
    if (this.#names.size >= LIMIT) this.#names.clear();
  }
}

// Ids have no line breaks.
function nameOf(tenant: string, id: string): string {
  return `${tenant}\n${id}`;
}
