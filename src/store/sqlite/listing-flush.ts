import { numberAt } from "../sql/cell.ts";
import type { BatchLog } from "../sql/batch-log.ts";
import type { Connection } from "./connection.ts";
import { lastLsn } from "./log-end.ts";
import { moveInLists } from "../sql/listing-rows.ts";
import { runPlan } from "./run-plan.ts";

/** Per transaction, so that a flush never holds the writer for long. */
const LOG_ROWS_AT_ONCE = 4_000;
const THREADS_AT_ONCE = 500;

/** Keeps the recency of lists behind the log: commits do not touch the lists, a flush moves the threads that changed
 *  since. How far it came is stored with it, so whoever comes next goes on, also after a crash and in another process. */
export class ListingFlush {
  readonly #connection: Connection;
  // What this process wrote since the last flush. While nobody else writes it saves reading the log.
  readonly #tids = new Set<number>();
  #entries = 0;
  #listedLsn: number | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Remembers a batch that was committed. */
  note({ tids, entries }: BatchLog): void {
    for (const tid of tids) this.#tids.add(tid);
    this.#entries += entries;
  }

  isNeeded(): boolean {
    return lastLsn(this.#connection) > this.#storedLsn();
  }

  /** Runs in the caller's transaction. The answer, to be called after its commit, is true when more is left. */
  flush(): () => boolean {
    const from = this.#storedLsn();
    const last = lastLsn(this.#connection);
    return from === this.#listedLsn && last - from === this.#entries
      ? this.#flushOwn(last)
      : this.#flushLog(from, last);
  }

  #flushOwn(last: number): () => boolean {
    const tids = [...this.#tids].slice(0, THREADS_AT_ONCE);
    for (const tid of tids) this.#move(tid);
    const isDone = tids.length === this.#tids.size;
    if (isDone) this.#store(last);
    return () => {
      for (const tid of tids) this.#tids.delete(tid);
      if (isDone) this.#reset(last);
      return !isDone;
    };
  }

  #flushLog(from: number, last: number): () => boolean {
    const to = Math.min(last, from + LOG_ROWS_AT_ONCE);
    const changed = this.#connection
      .statement("SELECT DISTINCT tid FROM skein_entry WHERE lsn > ? AND lsn <= ?")
      .rows(from, to);
    for (const row of changed) this.#move(numberAt(row, 0));
    this.#store(to);
    return () => {
      if (to === last) this.#reset(last);
      return to < last;
    };
  }

  #move(tid: number): void {
    runPlan(this.#connection, moveInLists(tid));
  }

  #reset(lsn: number): void {
    this.#tids.clear();
    this.#entries = 0;
    this.#listedLsn = lsn;
  }

  #store(lsn: number): void {
    this.#connection
      .statement("UPDATE skein_meta SET value = ? WHERE name = 'listed_lsn'")
      .run(String(lsn));
  }

  #storedLsn(): number {
    return Number(this.#connection.value("SELECT value FROM skein_meta WHERE name = 'listed_lsn'"));
  }
}
