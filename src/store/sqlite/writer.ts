import { statSync } from "node:fs";
import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import type { Chunk } from "../chunk.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { CheckReport, ItemResult } from "../store.ts";
import type { checkStore } from "../sql/check.ts";
import { noteNewest } from "./epoch.ts";
import { commitChains } from "./commit.ts";
import type { BatchLog, ErasedMessage } from "../sql/batch-log.ts";
import type { Connection } from "./connection.ts";
import { isInstanceAlive } from "./instances.ts";
import { acquireLease, releaseLease } from "../sql/leases.ts";
import type { LeaseAnswer, LeaseRequest } from "../sql/leases.ts";
import type { Plan } from "../sql/plan.ts";
import { ListingFlush } from "./listing-flush.ts";
import { loadHeads } from "../sql/load-heads.ts";
import type { ChainRecord, WriteRecord } from "../sql/records.ts";
import type { ThreadIds } from "../sql/thread-ids.ts";
import { putBlob, removeUnusedBlobs } from "../sql/write-blobs.ts";
import { insertChunks } from "../sql/write-chunks.ts";
import { sqliteDialect } from "./dialect.ts";
import { runPlan } from "./run-plan.ts";

/** What a batch of chains led to. */
export interface Committed {
  readonly results: readonly (readonly ItemResult[])[];
  /** Messages that no index may know any more. */
  readonly erased: readonly ErasedMessage[];
}

const MAX_WAL_BYTES = 80 * 1024 * 1024;

/** Everything that changes the file, each call one transaction. Synchronous: it runs on the caller's thread or on the
 *  writer's. A call that finds the file locked has done nothing and can be repeated. */
export class Writer {
  readonly connection: Connection;
  readonly #ids: ThreadIds;
  readonly #flush: ListingFlush;
  readonly #isFull: boolean;
  #dataVersion = 0;
  #transactions = 0;
  #isForeignActive = false;
  #hasErased = false;
  #hasCommitted = false;

  /** @param isFull  whether the connection syncs on each commit */
  constructor(connection: Connection, ids: ThreadIds, isFull: boolean) {
    this.connection = connection;
    this.#ids = ids;
    this.#isFull = isFull;
    this.#flush = new ListingFlush(connection);
    this.#dataVersion = this.dataVersion();
  }

  /** How many transactions took effect. */
  get transactions(): number {
    return this.#transactions;
  }

  commit(chains: readonly ChainRecord[]): Committed {
    this.connection.begin();
    return this.commitExclusive(chains);
  }

  /** The first half of an exclusive commit: takes the lock and keeps it. */
  beginExclusive(keys: readonly ThreadKey[]): readonly (ThreadHead | null)[] {
    this.connection.begin();
    try {
      return runPlan(this.connection, loadHeads(keys));
    } catch (error) {
      this.rollbackExclusive();
      throw error;
    }
  }

  /** The second half. */
  commitExclusive(chains: readonly ChainRecord[]): Committed {
    const log: BatchLog = { tids: new Set(), entries: 0, erased: [] };
    const results = this.#finish(() => {
      this.#noticeForeign();
      return commitChains(this.connection, this.#ids, chains, log);
    });
    this.#flush.note(log);
    this.#hasCommitted = true;
    this.#hasErased ||= chains.flat(2).some(isErasing);
    return { results, erased: log.erased };
  }

  rollbackExclusive(): void {
    this.connection.rollback();
    this.#ids.settle(true);
  }

  /** Without a sync of its own: what a crash of the machine takes, the run writes again. */
  appendChunks({ tenant, id }: ThreadKey, chunks: readonly Chunk[]): void {
    this.#withoutSync(() => {
      const tid = runPlan(this.connection, this.#ids.find(tenant, id));
      if (tid !== undefined) runPlan(this.connection, insertChunks(sqliteDialect, tid, chunks));
    });
  }

  putBlob(reader: Reader, info: BlobInfo, bytes: Uint8Array, now: number): void {
    this.#run(putBlob(sqliteDialect, reader, info, bytes, now));
  }

  acquireLease(request: LeaseRequest): LeaseAnswer {
    const isAlive = (instance: string): boolean =>
      instance === request.instance || isInstanceAlive(this.connection.path, instance);
    return this.#run(acquireLease(sqliteDialect, request, isAlive));
  }

  releaseLease(lease: Lease): void {
    this.#run(releaseLease(lease));
  }

  /** Brings a slice of the changed threads to their places in the lists. True when more are left. */
  flushListing(): boolean {
    if (!this.#flush.isNeeded()) return false;
    const settle = this.#withoutSync(() => this.#flush.flush());
    return settle();
  }

  /** Changes whenever another connection commits. */
  dataVersion(): number {
    return Number(this.connection.value("PRAGMA data_version"));
  }

  /** Whether another process has written between this one's last commits, and so may be waiting. */
  get hasForeignActivity(): boolean {
    return this.#isForeignActive;
  }

  /** The same, asked once. */
  takeForeignActivity(): boolean {
    const isActive = this.#isForeignActive;
    this.#isForeignActive = false;
    return isActive;
  }

  /** Copies the write-ahead log into the file. Restarts the log where readers held it open for too long. */
  checkpoint(isIdle: boolean): void {
    if (isIdle) noteNewest(this.connection);
    const size = statSync(`${this.connection.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    // What was erased is still in the log until it is cut.
    if (size > MAX_WAL_BYTES || (isIdle && this.#hasErased)) {
      const isBlocked = this.connection.value("PRAGMA wal_checkpoint(TRUNCATE)") === 1;
      this.#hasErased &&= isBlocked;
    } else if (isIdle && size > 0) this.connection.value("PRAGMA wal_checkpoint(PASSIVE)");
  }

  /** Checks everything and makes anew what the log can tell. */
  repair(check: typeof checkStore): CheckReport {
    return this.#run(check(sqliteDialect, this.#ids, true));
  }

  removeUnusedBlobs(now: number): void {
    this.#run(removeUnusedBlobs(now));
  }

  close(): void {
    if (this.#hasCommitted) noteNewest(this.connection);
    this.connection.close();
  }

  #noticeForeign(): void {
    const version = this.dataVersion();
    if (version === this.#dataVersion) return;
    this.#dataVersion = version;
    this.#isForeignActive = true;
  }

  #run<T>(plan: Plan<T>): T {
    return this.#transaction(() => runPlan(this.connection, plan));
  }

  #transaction<T>(work: () => T): T {
    this.connection.begin();
    return this.#finish(work);
  }

  #finish<T>(work: () => T): T {
    try {
      const result = work();
      this.connection.commit();
      this.#transactions += 1;
      this.#ids.settle(false);
      return result;
    } catch (error) {
      this.rollbackExclusive();
      throw error;
    }
  }

  #withoutSync<T>(work: () => T): T {
    if (!this.#isFull) return this.#transaction(work);
    // Not prepared: the pragma takes effect when it is compiled.
    this.connection.execute("PRAGMA synchronous = NORMAL");
    try {
      return this.#transaction(work);
    } finally {
      this.connection.execute("PRAGMA synchronous = FULL");
    }
  }
}

function isErasing({ rare }: WriteRecord): boolean {
  return (
    rare !== null &&
    (rare.isPurge || rare.trim !== undefined || rare.changes.some(({ kind }) => kind === "redact"))
  );
}
