import type { Entry } from "../../model/entry.ts";
import { SkeinError } from "../../model/error.ts";
import type { Message, PathEnd } from "../../model/message.ts";
import type { Run, Step } from "../../model/run.ts";
import { oldestVersion } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import { withinBytes } from "../byte-bound.ts";
import type { Capabilities } from "../capability.ts";
import type { Chunk } from "../chunk.ts";
import type { DuePlace, DueQuery } from "../due-thread.ts";
import { listDueThreads } from "./due-threads.ts";
import type { Facts, Need } from "../facts.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { FeedPage, FeedQuery, RelativesQuery, ThreadPage, ThreadQuery } from "../query.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type {
  Chain,
  CheckReport,
  ItemResult,
  KeptMessage,
  PathRange,
  Store,
  StoreInfo,
  StoredRun,
  ThreadClaims,
} from "../store.ts";
import { canSee } from "./access.ts";
import { loadBlob, putBlob } from "./blobs.ts";
import { check } from "./check.ts";
import { appendChunks } from "./chunks.ts";
import { commit } from "./commit.ts";
import { feedEnd, listFeed } from "./feed.ts";
import { acquireLease, releaseLease } from "./leases.ts";
import { listClaims } from "./list-claims.ts";
import { listKeys } from "./list-keys.ts";
import { listThreads } from "./list-threads.ts";
import { loadFacts } from "./load-facts.ts";
import { loadRelatives } from "./load-relatives.ts";
import { emptyData, evict, tenantOf, threadAt } from "./memory-data.ts";
import type { MemoryData } from "./memory-data.ts";
import { findMessage, readPath } from "./path.ts";
import { listCallingRuns, listDueRuns, listRunnableRuns, listRuns, threadOfRun } from "./runs.ts";
import { search } from "./search.ts";
import { listKept, requireLog } from "./trim.ts";

/** Threads in the memory of this process, for tests and scripts; gone when the process ends. The reference for what
 *  every other adapter must do: exact, and no faster than reading everything. */
export function memoryStore(): Store {
  return new MemoryStore();
}

/** Also the base of stores that keep whole threads elsewhere. */
export class MemoryStore implements Store {
  readonly name: string = "memory";
  readonly capabilities: Capabilities = {
    durable: false,
    multiProcess: false,
    sharedForks: true,
    multiThreadCommit: true,
    search: true,
    serverClock: false,
  };
  readonly instance: string;
  readonly #data: MemoryData = emptyData();
  #isClosed = false;

  constructor() {
    this.instance = this.#data.instance;
  }

  async open(): Promise<StoreInfo> {
    const { storeId } = this.#opened();
    return { storeId, epoch: storeId, schemaVersion: 1 };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  async commit(chains: readonly Chain[]): Promise<readonly (readonly ItemResult[])[]> {
    return commit(this.#opened(), chains);
  }

  async commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly Chain[],
  ): Promise<readonly (readonly ItemResult[])[]> {
    // Nothing else runs in between, which is the lock.
    const data = this.#opened();
    return commit(data, decide(keys.map((key) => threadAt(data, key)?.head ?? null)));
  }

  async loadHeads(keys: readonly ThreadKey[]): Promise<readonly (ThreadHead | null)[]> {
    const data = this.#opened();
    return keys.map((key) => threadAt(data, key)?.head ?? null);
  }

  async loadFacts(key: ThreadKey, needs: readonly Need[]): Promise<Facts> {
    const data = this.#opened();
    return loadFacts(tenantOf(data, key.tenant), threadAt(data, key), needs);
  }

  async loadThread(
    reader: Reader,
    id: string,
    knownVersion?: number,
  ): Promise<ThreadHead | "unchanged" | null> {
    const [head = null] = await this.loadThreads(reader, [id]);
    // A redaction in a fork takes the text out of a preview, and leaves the version as it is.
    const isErased = head?.activity.lastMessage?.text === "";
    return head !== null && head.version === knownVersion && !isErased ? "unchanged" : head;
  }

  async loadThreads(
    reader: Reader,
    ids: readonly string[],
  ): Promise<readonly (ThreadHead | null)[]> {
    const data = this.#opened();
    return ids.map((id) => {
      const head = threadAt(data, { tenant: reader.tenant, id })?.head;
      return head !== undefined && canSee(reader, head) ? head : null;
    });
  }

  async listThreads(reader: Reader, query: ThreadQuery): Promise<ThreadPage> {
    return listThreads(tenantOf(this.#opened(), reader.tenant), reader, query);
  }

  async loadRelatives(reader: Reader, query: RelativesQuery): Promise<readonly ThreadHead[]> {
    return loadRelatives(tenantOf(this.#opened(), reader.tenant), reader, query);
  }

  async readPath(tenant: string, end: PathEnd, range: PathRange): Promise<readonly Message[]> {
    return readPath(tenantOf(this.#opened(), tenant), end, range);
  }

  async loadMessages(key: ThreadKey, ids: readonly string[]): Promise<readonly (Message | null)[]> {
    const data = this.#opened();
    const thread = threadAt(data, key);
    if (thread === undefined || thread.head.profile.purgedAt !== null) return ids.map(() => null);
    const tenant = tenantOf(data, key.tenant);
    return ids.map((id) => findMessage(tenant, thread, id)?.message ?? null);
  }

  async listEntries(
    key: ThreadKey,
    after: number,
    limit: number,
    maxBytes?: number,
  ): Promise<readonly Entry[]> {
    const thread = threadAt(this.#opened(), key);
    if (thread === undefined) return [];
    requireLog(thread, after);
    const start = Math.max(0, after - oldestVersion(thread.head) + 1);
    const entries = thread.entries.slice(start, start + limit);
    return withinBytes(entries, maxBytes, ({ data }) => data);
  }

  async listKept(key: ThreadKey, after: number, limit: number): Promise<readonly KeptMessage[]> {
    const data = this.#opened();
    return listKept(tenantOf(data, key.tenant), threadAt(data, key), after, limit);
  }

  async listKeys(after: ThreadKey | null, limit: number): Promise<readonly ThreadKey[]> {
    return listKeys(this.#opened(), after, limit);
  }

  async listClaims(key: ThreadKey, from: number, to: number): Promise<ThreadClaims> {
    const data = this.#opened();
    return listClaims(tenantOf(data, key.tenant), key, from, to);
  }

  async loadRun(key: ThreadKey, runId: string): Promise<Run | null> {
    return threadAt(this.#opened(), key)?.runs.get(runId) ?? null;
  }

  async threadOfRun(tenant: string, runId: string): Promise<string | null> {
    return threadOfRun(tenantOf(this.#opened(), tenant), runId);
  }

  async listRuns(
    key: ThreadKey,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Run[]> {
    return listRuns(threadAt(this.#opened(), key), query);
  }

  async listSteps(key: ThreadKey, runId: string, fromSegment?: number): Promise<readonly Step[]> {
    return (
      threadAt(this.#opened(), key)?.steps.filter(
        (step) => step.runId === runId && (step.segment ?? 0) >= (fromSegment ?? 0),
      ) ?? []
    );
  }

  async listRunnableRuns(): Promise<readonly StoredRun[]> {
    return listRunnableRuns(this.#opened());
  }

  async listDueRuns(by: number, limit: number): Promise<readonly StoredRun[]> {
    return listDueRuns(this.#opened(), by, limit);
  }

  async listDueThreads(...query: DueQuery): Promise<readonly DuePlace[]> {
    return listDueThreads(this.#opened(), ...query);
  }

  async listCallingRuns(): Promise<readonly StoredRun[]> {
    return listCallingRuns(this.#opened());
  }

  async listFeed(reader: Reader, query: FeedQuery): Promise<FeedPage> {
    return listFeed(this.#opened(), reader, query);
  }

  async feedEnd(): Promise<string> {
    return feedEnd(this.#opened());
  }

  watch(): () => void {
    this.#opened();
    // No other process sees this memory.
    return () => undefined;
  }

  async search(reader: Reader, query: SearchQuery): Promise<SearchPage> {
    const data = this.#opened();
    return search(tenantOf(data, reader.tenant), data.feed, reader, query);
  }

  async appendChunks(key: ThreadKey, chunks: readonly Chunk[]): Promise<void> {
    appendChunks(threadAt(this.#opened(), key), chunks);
  }

  async listChunks(key: ThreadKey, messageId: string): Promise<readonly Chunk[]> {
    return threadAt(this.#opened(), key)?.chunks.get(messageId)?.slice() ?? [];
  }

  async putBlob(reader: Reader, info: BlobInfo, bytes: Uint8Array): Promise<void> {
    putBlob(tenantOf(this.#opened(), reader.tenant), reader, info, bytes);
  }

  async loadBlob(
    reader: Reader,
    sha256: string,
    now: number,
  ): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array } | null> {
    return loadBlob(tenantOf(this.#opened(), reader.tenant), reader, sha256, now);
  }

  async acquireLease(
    key: string,
    holder: string,
    ttlMs: number,
  ): Promise<{ readonly isMine: boolean; readonly lease: Lease }> {
    return acquireLease(this.#opened(), key, holder, ttlMs);
  }

  async releaseLease(lease: Lease): Promise<void> {
    releaseLease(this.#opened(), lease);
  }

  async isAlive(instance: string): Promise<boolean> {
    return instance === this.#opened().instance;
  }

  async check(): Promise<CheckReport> {
    return check(this.#opened());
  }

  /** Drops a thread from memory as if it had never been loaded. */
  protected evict(key: ThreadKey): void {
    evict(this.#opened(), key);
  }

  #opened(): MemoryData {
    if (this.#isClosed) throw new SkeinError("store_closed", "The memory store is closed.");
    return this.#data;
  }
}
