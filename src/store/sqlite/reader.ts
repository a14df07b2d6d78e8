import type { Entry } from "../../model/entry.ts";
import type { Message, SegmentRef } from "../../model/message.ts";
import type { Run, Step } from "../../model/run.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import type { Chunk } from "../chunk.ts";
import type { Facts, Need } from "../facts.ts";
import type { Reader as Who, ThreadKey } from "../key.ts";
import type { FeedPage, FeedQuery, ThreadPage, ThreadQuery } from "../query.ts";
import type { CheckReport, PathRange } from "../store.ts";
import { loadBlob } from "./blobs.ts";
import type { checkStore } from "./check.ts";
import { listChunks } from "./chunks.ts";
import type { Connection } from "./connection.ts";
import { listEntries } from "./decode-entry.ts";
import { loadFacts } from "./facts.ts";
import { feedEnd, feedLag, lastLsn, listFeed } from "./feed.ts";
import { loadMessage } from "./find-message.ts";
import type { StoreIdentity } from "./identity.ts";
import { listThreads } from "./list-threads.ts";
import { loadHead, loadThread } from "./load-heads.ts";
import { readPath } from "./path.ts";
import { pause } from "./pause.ts";
import { listRuns, listSteps, listUnendedRuns, loadRun, threadOfRun } from "./runs.ts";
import { isBusy, storeErrorOf } from "./sqlite-error.ts";
import type { ThreadIds } from "./thread-ids.ts";

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
    return this.#snapshot((connection) => keys.map((key) => loadHead(connection, key)));
  }

  loadFacts(key: ThreadKey, needs: readonly Need[]): Facts {
    return this.#snapshot((connection) => loadFacts(connection, this.#ids, key, needs));
  }

  loadThread(who: Who, id: string, knownVersion?: number): ThreadHead | "unchanged" | null {
    return this.#snapshot((connection) => loadThread(connection, who, id, knownVersion));
  }

  loadThreads(who: Who, ids: readonly string[]): readonly (ThreadHead | null)[] {
    return this.#snapshot((connection) =>
      ids.map((id) => {
        const head = loadThread(connection, who, id);
        return head === "unchanged" ? null : head;
      }),
    );
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
    return this.#snapshot((connection) => listThreads(connection, who, query));
  }

  readPath(
    tenant: string,
    { segment, position }: { readonly segment: SegmentRef; readonly position: number },
    range: PathRange,
  ): readonly Message[] {
    return this.#snapshot((connection) => {
      const tid = this.#ids.find(tenant, segment.threadId);
      if (tid === undefined) return [];
      const end = { tid, number: segment.number, position };
      return readPath(connection, this.#ids, end, range);
    });
  }

  loadMessages(key: ThreadKey, ids: readonly string[]): readonly (Message | null)[] {
    return this.#inThread(
      key,
      (connection, tid) => ids.map((id) => loadMessage(connection, this.#ids, key.tenant, tid, id)),
      ids.map(() => null),
    );
  }

  listEntries(key: ThreadKey, after: number, limit: number, maxBytes?: number): readonly Entry[] {
    return this.#inThread(
      key,
      (connection, tid) => listEntries(connection, this.#ids, tid, after, limit, maxBytes),
      [],
    );
  }

  threadOfRun(tenant: string, runId: string): string | null {
    return threadOfRun(this.connection, tenant, runId);
  }

  loadRun(key: ThreadKey, runId: string): Run | null {
    return this.#inThread(key, (connection, tid) => loadRun(connection, tid, runId), null);
  }

  listRuns(
    key: ThreadKey,
    query: { readonly limit: number; readonly before?: string },
  ): readonly Run[] {
    return this.#inThread(key, (connection, tid) => listRuns(connection, tid, query), []);
  }

  listSteps(key: ThreadKey, runId: string): readonly Step[] {
    return this.#inThread(key, (connection, tid) => listSteps(connection, tid, runId), []);
  }

  listUnendedRuns(): readonly { readonly key: ThreadKey; readonly run: Run }[] {
    return this.#read(listUnendedRuns);
  }

  listFeed(identity: StoreIdentity, who: Who, query: FeedQuery): FeedPage {
    return this.#snapshot((connection) => listFeed(connection, identity, who, query));
  }

  /** Log rows that the feed has not looked at. */
  feedLag(identity: StoreIdentity, after: string | null): number {
    return this.#read((connection) => feedLag(connection, identity, after));
  }

  feedEnd(identity: StoreIdentity): string {
    return this.#read((connection) => feedEnd(connection, identity));
  }

  listChunks(key: ThreadKey, messageId: string): readonly Chunk[] {
    return this.#inThread(key, (connection, tid) => listChunks(connection, tid, messageId), []);
  }

  loadBlob(
    who: Who,
    sha256: string,
    now: number,
  ): { readonly info: BlobInfo; readonly bytes: Uint8Array } | null {
    return this.#snapshot((connection) => loadBlob(connection, who, sha256, now));
  }

  /** @param check  `checkStore`, which is loaded only when it is asked for */
  check(check: typeof checkStore): CheckReport {
    return this.#snapshot((connection) => check(connection, this.#ids, false));
  }

  close(): void {
    this.connection.close();
  }

  /** For threads that were not purged; `absent` for the others. */
  #inThread<T>(
    { tenant, id }: ThreadKey,
    query: (connection: Connection, tid: number) => T,
    absent: T,
  ): T {
    return this.#snapshot((connection) => {
      const row = connection
        .statement("SELECT tid FROM skein_thread WHERE tenant = ? AND id = ? AND purged_at IS NULL")
        .row(tenant, id);
      return row === undefined ? absent : query(connection, Number(row[0]));
    });
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
