import { numberAt } from "./cell.ts";
import { row } from "./plan.ts";
import type { Plan } from "./plan.ts";

const LIMIT = 10_000;

/** Numbers of threads by tenant and id. They never change, so what was committed once is true for ever;
 *  what was read in a transaction is forgotten when it fails. Bounded: starts anew at 10,000 threads. */
export class ThreadIds {
  readonly #tids = new Map<string, number>();
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

  learn(tenant: string, id: string, tid: number): void {
    this.#isSettled = false;
    if (this.#tids.size >= LIMIT) this.#tids.clear();
    this.#tids.set(nameOf(tenant, id), tid);
  }

  /** Ends a transaction: what was learnt in one that failed may not exist. */
  settle(hasFailed: boolean): void {
    if (hasFailed && !this.#isSettled) this.#tids.clear();
    this.#isSettled = true;
  }
}

// Ids have no line breaks.
function nameOf(tenant: string, id: string): string {
  return `${tenant}\n${id}`;
}
