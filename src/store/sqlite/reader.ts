import type { StoredRun } from "../run-agenda.ts";
import type { Entry } from "../../model/entry.ts";
import type { Message, PathEnd } from "../../model/message.ts";
import type { Run, Step } from "../../model/run.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import type { Chunk } from "../chunk.ts";
import type { DuePlace, DueQuery } from "../due-thread.ts";
import type { Facts, Need } from "../facts.ts";
import type { Reader as Who, ThreadKey } from "../key.ts";
import type { FeedPage, FeedQuery, RelativesQuery, ThreadPage, ThreadQuery } from "../query.ts";
import type { CheckReport, KeptMessage, PathRange, ThreadClaims } from "../store.ts";
import { loadBlob } from "../sql/load-blob.ts";
import type { checkStore } from "../sql/check.ts";
import { listChunks } from "../sql/list-chunks.ts";
import type { Connection } from "./connection.ts";
import { listClaims } from "../sql/list-claims.ts";
import { loadRelatives } from "../sql/load-relatives.ts";
import { listEntries } from "../sql/list-entries.ts";
import { listDueThreads } from "../sql/due-threads.ts";
import { listKeys } from "../sql/list-keys.ts";
import { listKept } from "../sql/list-kept.ts";
import { loadFacts } from "../sql/facts.ts";
import { feedEnd, listFeed } from "../sql/feed.ts";
import { feedLag, lastLsn } from "./log-end.ts";
import { loadMessages } from "../sql/find-message.ts";
import type { StoreIdentity } from "../sql/identity.ts";
import { listThreads } from "../sql/list-threads.ts";
import { loadHeads, loadThread, loadThreads } from "../sql/load-heads.ts";
import type { Plan } from "../sql/plan.ts";
import { sqliteDialect } from "./dialect.ts";
import { readPathDirectly } from "./path.ts";
import { runPlan } from "./run-plan.ts";
import { pause } from "./pause.ts";
import {
  listCallingRuns,
  listDueRuns,
  listRunnableRuns,
  listRuns,
  listSteps,
  loadRun,
  threadOfRun,
} from "../sql/runs.ts";
import { isBusy, storeErrorOf } from "./sqlite-error.ts";
import type { ThreadIds } from "../sql/thread-ids.ts";

const BUSY_LIMIT_MS = 5_000;

/** Every query over one connection. Synchronous: most take microseconds. */
export class Reader {
  readonly connection: Connection;
  readonly #ids: ThreadIds;

  constructor(connection: Connection, ids: ThreadIds) {
    this.connection = connection;
    this.#ids = ids;
  }

  loadHeads(keys: readonly ThreadKey[]): readonly (ThreadHead | null)[] {
    return this.#plan(loadHeads(keys));
  }

  loadFacts(key: ThreadKey, needs: readonly Need[]): Facts {
    return this.#plan(loadFacts(sqliteDialect, key, needs));
  }

  loadThread(who: Who, id: string, knownVersion?: number): ThreadHead | "unchanged" | null {
    return this.#plan(loadThread(sqliteDialect, who, id, knownVersion));
  }

  loadThreads(who: Who, ids: readonly string[]): readonly (ThreadHead | null)[] {
    return this.#plan(loadThreads(who, ids));
  }

  /** Whether commits are not in the lists yet. */
  isListingBehind(): boolean {
    return this.#read(
      (connection) =>
        lastLsn(connection) >
        Number(connection.value("SELECT value FROM skein_meta WHERE name = 'listed_lsn'")),
    );
  }

  listThreads(who: Who, query: ThreadQuery): ThreadPage {
    return this.#plan(listThreads(sqliteDialect, who, query));
  }

  readPath(tenant: string, end: PathEnd, range: PathRange): readonly Message[] {
    return this.#snapshot((connection) =>
      readPathDirectly(connection, this.#ids, tenant, end, range),
    );
  }

  loadMessages(key: ThreadKey, ids: readonly string[]): readonly (Message | null)[] {
    return this.#plan(loadMessages(key, ids));
  }

  listEntries(key: ThreadKey, after: number, limit: number, maxBytes?: number): readonly Entry[] {
    return this.#plan(listEntries(sqliteDialect, key, after, limit, maxBytes));
  }

  listKept(key: ThreadKey, after: number, limit: number): readonly KeptMessage[] {
    return this.#plan(listKept(key, after, limit));
  }

  listKeys(after: ThreadKey | null, limit: number): readonly ThreadKey[] {
    return this.#plan(listKeys(after, limit));
  }

  loadRelatives(who: Who, query: RelativesQuery): readonly ThreadHead[] {
    return this.#plan(loadRelatives(who, query));
  }

  listClaims(key: ThreadKey, from: number, to: number): ThreadClaims {
    return this.#plan(listClaims(key, from, to));
  }

  threadOfRun(tenant: string, runId: string): string | null {
    return this.#plan(threadOfRun(tenant, runId));
  }

  loadRun(key: ThreadKey, runId: string): Run | null {
    return this.#plan(loadRun(key, runId));
  }

  listRuns(
    key: ThreadKey,
    query: { readonly limit: number; readonly before?: string },
  ): readonly Run[] {
    return this.#plan(listRuns(key, query));
  }

  listSteps(key: ThreadKey, runId: string, fromSegment?: number): readonly Step[] {
    return this.#plan(listSteps(key, runId, fromSegment));
  }

  listRunnableRuns(): readonly StoredRun[] {
    return this.#plan(listRunnableRuns());
  }

  listDueThreads(...query: DueQuery): readonly DuePlace[] {
    return this.#plan(listDueThreads(...query));
  }

  listDueRuns(by: number, limit: number): readonly StoredRun[] {
    return this.#plan(listDueRuns(by, limit));
  }

  listCallingRuns(): readonly StoredRun[] {
    return this.#plan(listCallingRuns());
  }

  listFeed(identity: StoreIdentity, who: Who, query: FeedQuery): FeedPage {
    return this.#plan(listFeed(sqliteDialect, identity, who, query));
  }

  /** Log rows that the feed has not looked at. */
  feedLag(identity: StoreIdentity, after: string | null): number {
    return this.#read((connection) => feedLag(connection, identity, after));
  }

  feedEnd(identity: StoreIdentity): string {
    return this.#plan(feedEnd(sqliteDialect, identity));
  }

  listChunks(key: ThreadKey, messageId: string): readonly Chunk[] {
    return this.#plan(listChunks(key, messageId));
  }

  loadBlob(
    who: Who,
    sha256: string,
    now: number,
  ): { readonly info: BlobInfo; readonly bytes: Uint8Array } | null {
    return this.#plan(loadBlob(who, sha256, now));
  }

  /** @param check  `checkStore`, which is loaded only when it is asked for */
  check(check: typeof checkStore): CheckReport {
    return this.#snapshot((connection) =>
      runPlan(connection, check(sqliteDialect, this.#ids, false)),
    );
  }

  close(): void {
    this.connection.close();
  }

  #plan<T>(plan: Plan<T>): T {
    return this.#snapshot((connection) => runPlan(connection, plan));
  }

  /** Several statements see the same state, whatever other connections commit meanwhile. */
  #snapshot<T>(query: (connection: Connection) => T): T {
    return this.#read((connection) => connection.snapshot(() => query(connection)));
  }

  /** Readers meet a lock only in the moments in which another process opens or recovers the file. */
  #read<T>(query: (connection: Connection) => T): T {
    const deadline = performance.now() + BUSY_LIMIT_MS;
    for (;;)
      try {
        return query(this.connection);
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline)
          throw storeErrorOf(error, this.connection.path);
        pause(2);
      }
  }
}
