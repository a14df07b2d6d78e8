import type { Store, ThreadKey } from "../store/store.ts";
import { isSkeinError } from "../model/error.ts";
import type { Entry } from "../model/entry.ts";
import type { Run } from "../model/run.ts";
import { threadOf } from "../model/thread.ts";
import { asOf, eventsOf, isWanted, messageFor } from "./events-of.ts";
import type { Occurrence } from "./events-of.ts";
import type { WebhookFilter, WebhookMessage } from "./webhook.ts";

const ENTRIES_AT_A_TIME = 100;
const PAGE_BYTES = 4_194_304;

export interface Place {
  readonly version: number;
  readonly slot: 0 | 1;
}

export interface MessagesAsked {
  readonly store: Store;
  readonly endpointId: string;
  readonly filter: WebhookFilter;
  readonly key: ThreadKey;
  readonly from: Place;
  readonly until: number;
  /** Older entries are left out. */
  readonly notBefore: number;
}

/** What an endpoint is to be sent of a thread's log, in order. What the log has let go of is left out. */
export async function* threadMessages(asked: MessagesAsked): AsyncGenerator<WebhookMessage> {
  const { store, endpointId, filter, key, until, notBefore } = asked;
  const [head] = await store.loadHeads([key]);
  if (head == null || head.profile.purgedAt !== null) return;
  const thread = threadOf(head);
  let { version, slot } = asked.from;
  while (version <= until) {
    const entries = await entriesFrom(store, key, version);
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (entry.version > until) return;
      for (const occurrence of eventsOf(entry)) {
        const isSeen = entry.version === version && occurrence.slot < slot;
        if (isSeen || entry.at < notBefore || !isWanted(filter, occurrence, thread)) continue;
        const message = await complete({ store, endpointId, filter, key }, occurrence);
        if (message !== undefined) yield message;
      }
      version = entry.version + 1;
      slot = 0;
    }
  }
}

/** The message of one place again; `undefined` when the log no longer has it. */
export async function messageAt(
  { store, endpointId, key }: Pick<MessagesAsked, "store" | "endpointId" | "key">,
  { version, slot }: Place,
): Promise<WebhookMessage | undefined> {
  const [entry] = await entriesFrom(store, key, version);
  if (entry?.version !== version) return undefined;
  const occurrence = eventsOf(entry).find((it) => it.slot === slot);
  return occurrence && complete({ store, endpointId, key }, occurrence);
}

/** The versions of a thread that were written since a time, where the store cannot say it: the version before them. */
export async function versionBefore(
  store: Store,
  key: ThreadKey,
  until: number,
  time: number,
): Promise<number> {
  let oldest = until + 1;
  while (oldest > 1) {
    const from = Math.max(1, oldest - ENTRIES_AT_A_TIME);
    const entries = (await entriesFrom(store, key, from)).filter(({ version }) => version < oldest);
    const stale = entries.findLast(({ at }) => at < time);
    if (stale !== undefined) return stale.version;
    const first = entries[0]?.version ?? 1;
    // A log that was trimmed begins later.
    if (first >= oldest || first > from) return 0;
    oldest = from;
  }
  return 0;
}

async function complete(
  {
    store,
    endpointId,
    filter,
    key,
  }: Pick<MessagesAsked, "store" | "endpointId" | "key"> & { readonly filter?: WebhookFilter },
  occurrence: Occurrence,
): Promise<WebhookMessage | undefined> {
  if (occurrence.run === undefined) return messageFor(endpointId, occurrence, undefined);
  const stored = await store.loadRun(key, occurrence.run.id);
  if (stored === null) return undefined;
  const run: Run = asOf(stored, occurrence.run);
  const { agents = [] } = filter ?? {};
  if (agents.length > 0 && !agents.includes(run.agentId)) return undefined;
  return messageFor(endpointId, occurrence, run);
}

async function entriesFrom(
  store: Store,
  key: ThreadKey,
  version: number,
): Promise<readonly Entry[]> {
  try {
    return await store.listEntries(key, version - 1, ENTRIES_AT_A_TIME, PAGE_BYTES);
  } catch (error) {
    const oldest = isSkeinError(error, "trimmed") ? error.details?.["oldest"] : undefined;
    if (typeof oldest !== "number") throw error;
    return store.listEntries(key, oldest - 1, ENTRIES_AT_A_TIME, PAGE_BYTES);
  }
}
