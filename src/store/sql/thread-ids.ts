import { numberAt, textAt } from "./cell.ts";
import { row } from "./plan.ts";
import type { Plan } from "./plan.ts";

const LIMIT = 10_000;

/** Numbers of threads by tenant and id, and back. They never change, so what was committed once is true for ever;
 *  what was read in a transaction is forgotten when it fails. Bounded: starts anew at 10,000 threads. */
export class ThreadIds {
  readonly #tids = new Map<string, number>();
  readonly #names = new Map<number, string>();
  #isSettled = true;

  /** The number if it was asked for before. */
  known(tenant: string, id: string): number | undefined {
    return this.#tids.get(nameOf(tenant, id));
  }

  *find(tenant: string, id: string): Plan<number | undefined> {
    const known = this.known(tenant, id);
    if (known !== undefined) return known;
    const found = yield* row(
      "SELECT tid FROM skein_thread WHERE tenant = ? AND id = ?",
      tenant,
      id,
    );
    if (found === undefined) return undefined;
    const tid = numberAt(found, 0);
    this.learn(tenant, id, tid);
    return tid;
  }

  /** The caller's id of a thread. */
  *idOf(tid: number): Plan<string> {
    const known = this.#names.get(tid);
    if (known !== undefined) return known;
    const found = yield* row("SELECT id FROM skein_thread WHERE tid = ?", tid);
    const id = found === undefined ? "" : textAt(found, 0);
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
