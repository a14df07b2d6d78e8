import type { Entry } from "../model/entry.ts";
import type { Message, PathEnd, Role } from "../model/message.ts";
import type { Run, Step } from "../model/run.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { BlobStore } from "./blob.ts";
import type { Capabilities } from "./capability.ts";
import type { DuePlace } from "./due-thread.ts";
import type { ChunkStore } from "./chunk.ts";
import type { Earlier, ThreadClaims } from "./earlier.ts";
import type { Facts, Need } from "./facts.ts";
import type { Operation, Reader, ThreadKey } from "./key.ts";
import type { LeaseStore } from "./lease.ts";
import type { LiveBus } from "./live-bus.ts";
import type { FeedPage, FeedQuery, RelativesQuery, ThreadPage, ThreadQuery } from "./query.ts";
import type { StoredRun } from "./run-agenda.ts";
import type { SearchPage, SearchQuery } from "./search.ts";
import type { KeptMessage } from "./trim.ts";

export type { Earlier, ThreadClaims } from "./earlier.ts";
export type { Operation, Reader, ThreadKey } from "./key.ts";
export type { StoredRun } from "./run-agenda.ts";
export type { KeptMessage } from "./trim.ts";

/** What one command writes to one thread. */
export interface ThreadWrite {
  readonly key: ThreadKey;
  /** The thread's version before; 0 means that the thread must not exist. */
  readonly base: number;
  /** Versions `base + 1`, `base + 2`, … A `retention.trim` is the only entry of its write; `KeptMessage` says what it asks of
   *  the store. */
  readonly entries: readonly Entry[];
  /** Only when a thread is brought here from another store, by its first entry: what there is of before its log, as
   *  `listKept` answered it, empty unless it was trimmed. The thread must not exist (`base` is 0); the version of a
   *  `retention.trim` may be any; a fork is taken as it is, even if its origin was trimmed since. */
  readonly kept?: readonly KeptMessage[];
  /** Only beside `kept`: what else there is of before the log. The ids and operations must be free. */
  readonly earlier?: Earlier;
  /** The head at `base`; `null` for a new thread. */
  readonly before: ThreadHead | null;
  /** The head after the last entry. The adapter writes what differs from `before`: branches, and every run in
   *  `activity.runs` that is another object than before (its usage may have changed without a `run.*` entry). A run
   *  that ended is no longer in `activity.runs`: merge the `run.end` entry's partial, which has every final figure,
   *  over the run as it was. A preview that was erased since `before` was read stays erased. */
  readonly after: ThreadHead;
  /** Message ids that the caller chose. Unique in the tenant. */
  readonly givenIds: readonly string[];
  /** Present when the caller gave an idempotency key. Unique per tenant and user. */
  readonly operation?: Operation;
}

/** Written whole or not at all. Usually one write; several when threads change together. */
export interface CommitItem {
  readonly writes: readonly ThreadWrite[];
}

/** Items that build on one another, in order. */
export type Chain = readonly CommitItem[];

/** `stale`: a base was not the stored version, a given id or operation was taken, or the origin of a fork was trimmed
 *  since. Nothing of the item, and
 *  of the items behind it in its chain, was written. */
export type ItemResult = "committed" | "stale";

export interface PathRange {
  readonly minDepth: number;
  readonly maxDepth: number;
  /** Only messages of these roles. */
  readonly roles?: readonly Role[];
  readonly limit?: number;
  /** Stops before the answer's stored JSON exceeds this; at least one message is answered. In `desc` order the newest
   *  come first, so the cut is at the old end. Default: unbounded. */
  readonly maxBytes?: number;
  /** Default `asc`: from the root on. */
  readonly order?: "asc" | "desc";
}

export interface StoreInfo {
  /** Stays with the data; a copy of the file has the same. */
  readonly storeId: string;
  /** Changes when a backup was restored over newer data. */
  readonly epoch: string;
  readonly schemaVersion: number;
  /** Why what is acknowledged may be lost all the same, a sentence each that says what to do. Absent: nothing to say. */
  readonly warnings?: readonly string[];
}

/**
 * Where threads are kept. Must be strictly serializable: a read that starts after a commit was acknowledged
 * sees it. The conformance suite (`skein/testing`) proves an adapter.
 *
 * Errors: `store_closed` after `close`, `store_busy`, `store_full`, `store_corrupt`, `schema_too_new`; anything an adapter
 * does not expect is thrown as it is. After an error nothing of the call was written, but for `store_unavailable` of a
 * database whose connection broke: then it was written whole or not at all, and repeating the call finds out.
 */
export interface Store extends ChunkStore, BlobStore, LeaseStore {
  /** For people: `memory`, `sqlite ./skein.db`. Never has a password. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Between the processes that use the store, for who tells them what was committed, as the engine does; the store itself
   *  tells nothing on it, and closes it with itself. Absent: there is only `watch`. */
  readonly bus?: LiveBus;

  /** Opens, migrates and proves that it can write. Idempotent; every other call opens implicitly. */
  open(): Promise<StoreInfo>;
  /** Waits for what is under way, then releases everything. Idempotent. */
  close(): Promise<void>;

  /** Writes chains; each item whole or not at all, durable before the promise resolves. Results match the items. */
  commit(chains: readonly Chain[]): Promise<readonly (readonly ItemResult[])[]>;
  /** Loads the heads under the store's write lock and commits what `decide` makes of them, so that it cannot be
   *  stale. For commands that lost the race several times; slower than `commit`. */
  commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly Chain[],
  ): Promise<readonly (readonly ItemResult[])[]>;

  /** Heads as committed, for writing; no access check. Deleted threads are included, purged ones too. */
  loadHeads(keys: readonly ThreadKey[]): Promise<readonly (ThreadHead | null)[]>;
  /** What `needs(command)` named, in one round trip. */
  loadFacts(key: ThreadKey, needs: readonly Need[]): Promise<Facts>;

  /** The thread if the reader may see it, deleted ones included, purged ones not. With `knownVersion` equal to the
   *  stored version answers `"unchanged"` without loading the payload; access is checked all the same. A head whose
   *  preview was erased since is not unchanged: a redaction in a fork does not raise the version of its origin. */
  loadThread(
    reader: Reader,
    id: string,
    knownVersion?: number,
  ): Promise<ThreadHead | "unchanged" | null>;
  /** Several threads at once; those that the reader may not see are `null`. */
  loadThreads(reader: Reader, ids: readonly string[]): Promise<readonly (ThreadHead | null)[]>;
  listThreads(reader: Reader, query: ThreadQuery): Promise<ThreadPage>;
  /** The threads of `ids`, in no order, then the forks of others, the oldest first; each once, and none that the reader may not
   *  see or that was deleted. One round trip, a second one if some have branches beside main. */
  loadRelatives(reader: Reader, query: RelativesQuery): Promise<readonly ThreadHead[]>;

  /** Messages on the path that ends at a position of a segment, by depth; above the end's floor only system and developer
   *  messages. Costs O(messages read + segments crossed). The caller has checked access to the thread. */
  readPath(tenant: string, end: PathEnd, range: PathRange): Promise<readonly Message[]>;
  /** Messages by id, on any branch, queued ones too; also those that a fork includes from its origin. */
  loadMessages(key: ThreadKey, ids: readonly string[]): Promise<readonly (Message | null)[]>;
  /** Log entries with `version > after`, in order. Redacted payloads come back with empty `parts`. With `maxBytes` stops
   *  before the answer's stored JSON exceeds it; at least one entry is answered. After a trim the log begins with it: an
   *  `after` from 1 on that leaves out entries which are gone is `trimmed`. */
  listEntries(
    key: ThreadKey,
    after: number,
    limit: number,
    maxBytes?: number,
  ): Promise<readonly Entry[]>;

  /** What a trimmed thread wrote before its log begins, and it or a fork still has, with `message.version > after`, in the
   *  order of versions; of a purged thread, what forks still have of it. Empty for a thread that was never trimmed. */
  listKept(key: ThreadKey, after: number, limit: number): Promise<readonly KeptMessage[]>;

  /** Every thread of every tenant, purged ones too, in an order that stays: those behind `after`, which need not exist. What is
   *  created meanwhile may come or not. */
  listKeys(after: ThreadKey | null, limit: number): Promise<readonly ThreadKey[]>;
  /** What callers were promised by versions `from` to `to` of a thread: an id counts at the entry that brought it, an operation
   *  at its last one. Those that a trim left count; none of a purged thread. */
  listClaims(key: ThreadKey, from: number, to: number): Promise<ThreadClaims>;

  loadRun(key: ThreadKey, runId: string): Promise<Run | null>;
  /** Id of the thread that has the run; the newest one should several have a run of this id. No access check. */
  threadOfRun(tenant: string, runId: string): Promise<string | null>;
  /** Newest first. `before` is the id of the last run of the previous page. */
  listRuns(
    key: ThreadKey,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Run[]>;
  /** In the order in which they started. With `fromSegment` those of this segment of the run and of later ones; it costs nothing
   *  more for those before them. */
  listSteps(key: ThreadKey, runId: string, fromSegment?: number): Promise<readonly Step[]>;
  /** Runs that hold their branch and do not wait, so queued, running or cancelling; of all tenants, oldest first. Costs nothing
   *  for those that wait, however many. */
  listRunnableRuns(): Promise<readonly StoredRun[]>;
  /** Runs that wait for their branch or for something and have to be looked at until `by`, milliseconds since the epoch, as
   *  `agendaOf` says; of all tenants, those first whose time came first. */
  listDueRuns(by: number, limit: number): Promise<readonly StoredRun[]>;
  /** Runs that wait for a run that they called; of all tenants, oldest first. */
  listCallingRuns(): Promise<readonly StoredRun[]>;

  /** Threads whose time may be over by `by`, as `dueAtOf` says; of all tenants, by that time, then tenant and id, those behind
   *  `after`, which need not exist. Costs nothing for other threads, however many. */
  listDueThreads(by: number, limit: number, after: DuePlace | null): Promise<readonly DuePlace[]>;

  /** Commits of all threads that the reader may see, in commit order. */
  listFeed(reader: Reader, query: FeedQuery): Promise<FeedPage>;
  /** The cursor behind the newest commit: a feed that starts here gets only what is to come. */
  feedEnd(tenant: string): Promise<string>;
  /** Calls back after another process has committed to the same store, at times without need. Returns the function that
   *  stops it. */
  watch(onForeignCommit: () => void): () => void;

  /** Full-text search over titles, message text and tool output. `unsupported_capability` without `capabilities.search`. */
  search(reader: Reader, query: SearchQuery): Promise<SearchPage>;

  /** Proves the invariants of what is stored, and what was made of the log against the log. Reads everything; changes nothing
   *  unless `repair`, which makes anew what differs. With `rebuild`, too, what is not compared: the search index, or
   *  everything where it costs no more. */
  check(options: { readonly repair: boolean; readonly rebuild?: boolean }): Promise<CheckReport>;
}

export interface CheckReport {
  readonly threads: number;
  readonly messages: number;
  readonly entries: number;
  readonly problems: readonly {
    readonly threadId: string;
    readonly problem: string;
    readonly repaired: boolean;
  }[];
}
