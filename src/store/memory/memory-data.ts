import { randomUUID } from "node:crypto";
import type { Entry } from "../../model/entry.ts";
import type { Message, Place } from "../../model/message.ts";
import type { Run, Step } from "../../model/run.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import type { Chunk } from "../chunk.ts";
import type { GivenId } from "../facts.ts";
import type { Operation, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { FeedEventType } from "../query.ts";

/** Everything that a memory store holds. Values are frozen; only the maps and lists change. */
export interface MemoryData {
  readonly storeId: string;
  readonly instance: string;
  readonly tenants: Map<string, Tenant>;
  /** In commit order; the cursor of an event is its index + 1. */
  readonly feed: FeedRecord[];
  /** Released leases stay, expired, because their fence must go on growing. */
  readonly leases: Map<string, Lease>;
}

export interface Tenant {
  readonly threads: Map<string, StoredThread>;
  readonly given: Map<string, GivenId>;
  readonly operations: Map<string, Operation & { readonly key: ThreadKey }>;
  readonly blobs: Map<string, StoredBlob>;
}

export interface StoredThread {
  readonly key: ThreadKey;
  head: ThreadHead;
  readonly entries: Entry[];
  /** The messages that this thread wrote, in the order in which they came. */
  readonly messages: Map<string, StoredMessage>;
  /** Those of them that only forks still have. */
  readonly released: Set<string>;
  /** The messages that it has of other threads: id → the thread that wrote it. */
  included: ReadonlyMap<string, string>;
  /** Segment number → ids of its messages; the message at position p is at index p - 1, an empty id where one is gone. */
  readonly segments: Map<number, string[]>;
  /** Segment number → the message that its first one follows. */
  readonly continued: Map<number, NonNullable<Place["continues"]>>;
  readonly runs: Map<string, Run>;
  readonly steps: Step[];
  readonly chunks: Map<string, Chunk[]>;
}

export interface StoredMessage {
  readonly message: Message;
  /** `null` while queued. */
  readonly place: Place | null;
}

export interface StoredBlob {
  readonly info: BlobInfo;
  readonly bytes: Uint8Array;
  /** User → when they uploaded it last, in milliseconds since the epoch. */
  readonly uploads: Map<string | null, number>;
}

export interface FeedRecord {
  readonly key: ThreadKey;
  readonly type: FeedEventType;
  readonly version: number;
  readonly since: number;
}

export function emptyData(): MemoryData {
  return {
    storeId: randomUUID(),
    instance: randomUUID(),
    tenants: new Map(),
    feed: [],
    leases: new Map(),
  };
}

/** The tenant's data, made on first use. */
export function tenantOf(data: MemoryData, name: string): Tenant {
  let tenant = data.tenants.get(name);
  if (tenant === undefined) {
    tenant = { threads: new Map(), given: new Map(), operations: new Map(), blobs: new Map() };
    data.tenants.set(name, tenant);
  }
  return tenant;
}

export function threadAt(data: MemoryData, key: ThreadKey): StoredThread | undefined {
  return data.tenants.get(key.tenant)?.threads.get(key.id);
}

export function evict(data: MemoryData, key: ThreadKey): void {
  const tenant = data.tenants.get(key.tenant);
  if (tenant === undefined) return;
  tenant.threads.delete(key.id);
  for (const [id, given] of tenant.given) if (given.key.id === key.id) tenant.given.delete(id);
  for (const [name, operation] of tenant.operations)
    if (operation.key.id === key.id) tenant.operations.delete(name);
}

// A user may be called anything, so the parts are quoted.
export function operationKey(user: string, opId: string): string {
  return JSON.stringify([user, opId]);
}
