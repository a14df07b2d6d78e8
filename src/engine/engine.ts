import type { Entry } from "../model/entry.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Message } from "../model/message.ts";
import type { MemberRole, Principal } from "../model/principal.ts";
import type { Run, RunStatus } from "../model/run.ts";
import type { BranchHead, Thread, ThreadStatus } from "../model/thread.ts";
import type { Cost, Usage } from "../model/usage.ts";
import type { BlobInfo } from "../store/blob.ts";
import type { FeedEvent } from "../store/query.ts";
import type { SearchHit } from "../store/search.ts";
import type { Duration } from "../model/duration.ts";
import type { CheckReport, Store, StoreInfo } from "../store/store.ts";
import type { CallOptions, Content, Page, RunInput, WriteOptions } from "./call.ts";
import type { CompactionCalls } from "./compaction-calls.ts";
import type { CreateInput, MessageInput } from "./create-input.ts";
import type { EndInput } from "./lifecycle/end-input.ts";
import type { PortableCalls } from "./portable/portable-calls.ts";
import type { FileCalls } from "./file-calls.ts";
import type { LifecycleCalls } from "./lifecycle/lifecycle-calls.ts";
import type { RelationCalls } from "./relations/relation-calls.ts";
import type { RunCalls } from "./run-calls.ts";
import type { RunWriter } from "./run-writer.ts";
import type { ThreadWriter, WriterOptions } from "./thread-writer.ts";

export type { CreateInput, MessageInput } from "./create-input.ts";
export type { CallOptions, Content, Page, RunInput, WriteOptions } from "./call.ts";
export type {
  PortableCalls,
  ResumeOptions,
  Resumed,
  SerializeOptions,
} from "./portable/portable-calls.ts";
export type {
  AddedMessage,
  MessageStores,
  StoredMessage,
  ThreadMessageStore,
} from "./portable/message-store.ts";
export type { ExportedBlob, ThreadExport, ThreadReference } from "./portable/thread-export.ts";
export type { RunWriter } from "./run-writer.ts";

export interface AppendInput {
  /** Default `main`. */
  readonly branch?: string;
  /** The message answered; default the branch's head. */
  readonly parentId?: string | null;
  readonly messages: readonly MessageInput[];
  readonly run?: RunInput;
}

export interface AppendResult {
  readonly thread: Thread;
  /** As stored; `status: "queued"` while a run holds the branch. */
  readonly messages: readonly Message[];
  /** Where they stand: another branch than asked for when the context had moved on (`diverged`). */
  readonly branch: string;
  readonly run?: Run;
}

export interface ThreadListInput {
  readonly owner?: string;
  readonly agentId?: string;
  readonly tag?: string;
  readonly metadata?: JsonObject;
  readonly status?: ThreadStatus;
  readonly archived?: boolean;
  readonly deleted?: boolean;
  readonly title?: string;
  readonly from?: number;
  readonly to?: number;
  /** 1 to 200, default 50. */
  readonly limit?: number;
  readonly offset?: number;
  /** From an earlier page of the same list. */
  readonly cursor?: string;
}

export interface MessageListInput {
  /** Default `main`. */
  readonly branch?: string;
  /** 1 to 200, default 50; queued messages count as others do. Fewer when they are large: what a page has besides queued ones
   *  is at most 8 MiB, or one message. */
  readonly limit?: number;
  /** Messages before (older than) or after this message id or cursor of the same branch. */
  readonly before?: string;
  readonly after?: string;
  /** Order of the answer, default `asc` (chronological). */
  readonly order?: "asc" | "desc";
  /** As the thread was at this version. */
  readonly at?: number;
}

export interface MessagePage {
  readonly messages: readonly Message[];
  /** Messages on the branch's path that can be read, queued ones not counted. */
  readonly total: number;
  /** Messages that were trimmed from its beginning. */
  readonly trimmed: number;
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  /** Version of the thread that the page shows. */
  readonly version: number;
}

export interface ForkInput {
  /** Id of the new thread. */
  readonly id?: string;
  /** Default `main`. */
  readonly branch?: string;
  /** The last message that the fork includes; default the branch's head. */
  readonly messageId?: string;
  /** Forks the thread as it was at this version. */
  readonly at?: number;
  readonly title?: string;
}

/** What a trim keeps of every branch. Exactly one is given. */
export interface TrimInput {
  /** The newest messages, 1 or more; system and developer messages are kept besides. */
  readonly keepLast?: number;
  /** The messages since this time, in milliseconds since the epoch. */
  readonly before?: number;
}

export interface TrimOptions extends WriteOptions {
  /** Only says what would go. Default false. */
  readonly dryRun?: boolean;
}

export interface TrimResult {
  readonly thread: Thread;
  /** The branches that lost messages, and how many. */
  readonly branches: readonly { readonly name: string; readonly trimmed: number }[];
}

/** `expiresIn: null` or `expiresAt: null`: the thread has no end any more. Its end is the owner's to change. */
export interface UpdateInput extends Omit<EndInput, "expiresIn" | "expiresAt"> {
  readonly expiresIn?: Duration | null;
  readonly expiresAt?: number | null;
  readonly title?: string | null;
  /** RFC 7396 merge patch. */
  readonly metadata?: JsonObject;
  /** The whole new set. */
  readonly tags?: readonly string[];
  readonly agentId?: string;
}

export interface SearchInput {
  /** Words are all required; `"a phrase"`, `-not`, `OR` and `prefix*` work. */
  readonly text: string;
  readonly threadId?: string;
  /** Best first (default) or newest first. */
  readonly order?: "rank" | "recent";
  /** 1 to 200, default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface ThreadStats {
  readonly threadId: string;
  readonly createdAt: number;
  readonly messageCount: number;
  readonly messagesTotal: number;
  readonly runCount: number;
  readonly lastRun: Run | null;
  readonly runsByStatus: Readonly<Partial<Record<RunStatus, number>>>;
  readonly metadata: JsonObject;
  readonly usage: Usage;
  readonly cost: Cost;
}

/** The full picture of a thread's tree heads, for reading. */
export interface ThreadDetail {
  readonly thread: Thread;
  readonly branches: readonly BranchHead[];
  /** Runs that have not ended. */
  readonly runs: readonly Run[];
}

export interface FeedOptions extends CallOptions {
  /** The cursor of an earlier event, or `0` for everything from the beginning; absent: from now. */
  readonly after?: string;
  /** `false` ends behind the newest event instead of waiting for more; for what other transactions hold back in the store it
   *  waits about 2 s at most. Default true. */
  readonly follow?: boolean;
}

export interface ObserveOptions extends CallOptions {
  /** Entries behind this version; default 0: from the first. */
  readonly after?: number;
}

/** Use-cases over a store. Every method checks the principal; a thread that the caller may not see is
 *  `thread_not_found`. All errors are `SkeinError`s with a stable code. */
export interface Engine
  extends RunCalls, PortableCalls, FileCalls, RelationCalls, LifecycleCalls, CompactionCalls {
  readonly store: Store;
  open(): Promise<StoreInfo>;
  close(): Promise<void>;
  /** The same engine on behalf of another principal. */
  as(principal: Partial<Principal>): Engine;

  create(input?: CreateInput, options?: WriteOptions): Promise<AppendResult>;
  get(threadId: string, options?: CallOptions & { readonly at?: number }): Promise<Thread>;
  detail(threadId: string, options?: CallOptions): Promise<ThreadDetail>;
  /** Several threads in one read; those that the caller may not see are `null`. Calls under way share the read. */
  getMany(threadIds: readonly string[], options?: CallOptions): Promise<readonly (Thread | null)[]>;
  list(input?: ThreadListInput, options?: CallOptions): Promise<Page<Thread>>;
  search(
    input: SearchInput,
    options?: CallOptions,
  ): Promise<Page<SearchHit> & { readonly indexLag: number }>;
  stats(threadId: string, options?: CallOptions): Promise<ThreadStats>;

  append(threadId: string, input: AppendInput, options?: WriteOptions): Promise<AppendResult>;
  messages(threadId: string, input?: MessageListInput, options?: CallOptions): Promise<MessagePage>;
  message(threadId: string, messageId: string, options?: CallOptions): Promise<Message>;
  annotate(
    threadId: string,
    messageId: string,
    values: JsonObject,
    options?: WriteOptions,
  ): Promise<Message>;
  /** Erases what a message said, in every thread that shows it; each of their logs says so. Belongs to the thread that wrote
   *  the message or, once that no longer has it, to the oldest one that includes it; `forbidden` elsewhere. */
  redact(
    threadId: string,
    messageId: string,
    options?: WriteOptions & { readonly reason?: string },
  ): Promise<Message>;
  /** Takes a queued message back. */
  discard(threadId: string, messageId: string, options?: WriteOptions): Promise<Thread>;

  update(threadId: string, input: UpdateInput, options?: WriteOptions): Promise<Thread>;
  rename(threadId: string, title: string | null, options?: WriteOptions): Promise<Thread>;
  tag(
    threadId: string,
    change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    options?: WriteOptions,
  ): Promise<Thread>;
  archive(threadId: string, options?: WriteOptions): Promise<Thread>;
  unarchive(threadId: string, options?: WriteOptions): Promise<Thread>;
  /** A tombstone: 410 for everybody, undelete within 30 days. With `purge` erased at once. */
  delete(threadId: string, options?: WriteOptions & { readonly purge?: boolean }): Promise<void>;
  undelete(threadId: string, options?: WriteOptions): Promise<Thread>;
  setMember(
    threadId: string,
    user: string,
    role: MemberRole,
    options?: WriteOptions,
  ): Promise<Thread>;
  removeMember(threadId: string, user: string, options?: WriteOptions): Promise<Thread>;

  /** `main` first, then the oldest first, the same on every store. */
  branches(threadId: string, options?: CallOptions): Promise<readonly BranchHead[]>;
  branch(
    threadId: string,
    input: { readonly name?: string; readonly messageId?: string | null; readonly from?: string },
    options?: WriteOptions,
  ): Promise<BranchHead>;
  renameBranch(
    threadId: string,
    name: string,
    to: string,
    options?: WriteOptions,
  ): Promise<BranchHead>;
  removeBranch(threadId: string, name: string, options?: WriteOptions): Promise<void>;
  /** Replaces a message by a sibling; the old path stays as `main~n`. */
  edit(
    threadId: string,
    messageId: string,
    input: { readonly content: Content; readonly branch?: string; readonly run?: RunInput },
    options?: WriteOptions,
  ): Promise<AppendResult>;
  /** Answers the turn of `messageId` (default: the newest) again; the old answer stays as `main~n`. */
  regenerate(
    threadId: string,
    input?: { readonly messageId?: string; readonly branch?: string; readonly run?: RunInput },
    options?: WriteOptions,
  ): Promise<AppendResult>;
  /** Moves the branch back to `messageId` (`null`: before everything); the cut tail stays as `main~n`. */
  truncate(
    threadId: string,
    messageId: string | null,
    options?: WriteOptions & { readonly branch?: string },
  ): Promise<Thread>;
  /** A new thread that shares the messages up to a point; nothing is copied. */
  fork(threadId: string, input?: ForkInput, options?: WriteOptions): Promise<Thread>;
  /** Returns heads, title, tags and metadata to what they were at `version`, by new entries. */
  restoreVersion(threadId: string, version: number, options?: WriteOptions): Promise<Thread>;

  /** Lets go of old messages and of the log before now, for good. Of every branch the newest messages stay, in whole turns and
   *  at least one, and all system messages. What is older than the trim is `trimmed` from then on. Nothing happens when
   *  there is nothing to let go of. Takes the role owner; `run_active` while a run holds a branch that would lose messages.
   *  A repetition under the same `opId` gets the same counts until the next trim, then it is `trimmed`. */
  trim(threadId: string, input: TrimInput, options?: TrimOptions): Promise<TrimResult>;

  /** The log itself: entries with a version greater than `after`, at most `limit` (default 50, at most 1,000). Fewer
   *  when they are large: a page has at most 8 MiB, or one entry. Empty at the end. A log that was trimmed begins with the
   *  trim; an `after` that would leave out what is gone is `trimmed`. */
  log(
    threadId: string,
    input?: { readonly after?: number; readonly limit?: number },
    options?: CallOptions,
  ): Promise<readonly Entry[]>;
  /** Every entry once, in order, past and to come, until the signal aborts or the iterator is returned. `trimmed` for a
   *  reader behind a trim that has not seen all that it let go of. */
  observe(threadId: string, options?: ObserveOptions): AsyncIterable<Entry>;
  /** The same as `feed`. */
  observe(options?: FeedOptions): AsyncIterable<FeedEvent>;
  /** Headers that were created, updated, archived or deleted, of every thread that the caller may see. */
  feed(options?: FeedOptions): AsyncIterable<FeedEvent>;
  /** The exclusive right to modify a thread as a whole. `writer_busy` while another writer has it. */
  acquireWriter(threadId: string, options?: WriterOptions): Promise<ThreadWriter>;
  /** Records an entry of the caller's own making. */
  custom(threadId: string, name: string, data?: Json, options?: WriteOptions): Promise<Thread>;

  /** Wakes who waits for work on every commit that starts, frees or cancels a run in this process. */
  onRunChange(
    listener: (change: {
      readonly tenant: string;
      readonly threadId: string;
      /** That have not ended. */
      readonly runs: readonly Run[];
      /** By branch, the run that has it. */
      readonly holds: Readonly<Record<string, string>>;
      /** As they ended. */
      readonly ended: readonly Run[];
    }) => void,
  ): () => void;

  putBlob(bytes: Uint8Array, mediaType: string, options?: CallOptions): Promise<BlobInfo>;
  getBlob(
    sha256: string,
    options?: CallOptions,
  ): Promise<{ readonly info: BlobInfo; readonly bytes: Uint8Array }>;

  /** For the worker of a run. Writes under the run's fence; `lease_lost` when another worker took over. */
  readonly worker: RunWriter;
  check(options?: { readonly repair?: boolean; readonly rebuild?: boolean }): Promise<CheckReport>;
}
