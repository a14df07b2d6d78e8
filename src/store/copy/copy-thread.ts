import type { ThreadHead } from "../../model/thread.ts";
import type { CommitItem, Store, ThreadKey } from "../store.ts";
import { blobsIn, blobsOf } from "./copy-blobs.ts";
import type { BlobCopier } from "./copy-blobs.ts";
import { loadBefore } from "./load-before.ts";
import { originsOf } from "./origins-of.ts";
import { ClaimReader, allKept, entryPages } from "./read-pages.ts";
import { refusalOf } from "./refusal.ts";
import { beforePurge, purgeOf } from "./tombstone.ts";
import { writesOf } from "./writes-of.ts";

/** `refused`: nothing of the thread was written by this call, or not all of it, and why. */
export type Outcome =
  | { readonly kind: "copied" | "unchanged" | "to-purge" }
  | { readonly kind: "refused"; readonly problem: string };

export interface Copying {
  readonly from: Store;
  readonly to: Store;
  readonly blobs: BlobCopier;
  readonly signal: AbortSignal | undefined;
  /** Brings a thread that another one may have messages of; false if it was refused. */
  readonly ensure: (origin: ThreadKey) => Promise<boolean>;
  readonly countEntries: (count: number) => void;
}

/** Brings a thread to the version that the source has when the call begins. */
export async function copyThread(copying: Copying, key: ThreadKey): Promise<Outcome> {
  const { from, to } = copying;
  const [source = null] = await from.loadHeads([key]);
  const [target = null] = await to.loadHeads([key]);
  // A session thread whose time is over.
  if (source === null) return { kind: "unchanged" };
  if (source.profile.purgedAt !== null) return copyPurged(copying, key, source, target);
  const problem = target && (await refusalOf(from, to, key, source, target));
  if (problem !== null) return { kind: "refused", problem };
  const lost = target === null ? await bringOrigins(copying, key, source) : null;
  if (lost !== null) return { kind: "refused", problem: lost };
  return bringLog(copying, key, source, target);
}

async function bringLog(
  copying: Copying,
  key: ThreadKey,
  source: ThreadHead,
  target: ThreadHead | null,
): Promise<Outcome> {
  const { from, to, blobs, signal, countEntries } = copying;
  const claims = new ClaimReader(from, key);
  let head = target;
  for await (const page of entryPages(from, key, target?.version ?? 0, source.version)) {
    signal?.throwIfAborted();
    const [entry] = page;
    const first = head === null ? await loadBefore(from, key, entry) : { kept: [] };
    await blobs.copy(key.tenant, page.flatMap(blobsOf));
    await blobs.copy(
      key.tenant,
      first.kept.flatMap(({ message }) => blobsIn(message.parts)),
    );
    const promised = await claims.read(entry?.version ?? 1, page.at(-1)?.version ?? 1);
    const { items, after } = writesOf(key, head, page, promised, first);
    if (!(await commit(to, items))) return TAKEN;
    countEntries(page.length);
    head = after;
  }
  await copyChunks(from, to, key, head);
  return { kind: head === target ? "unchanged" : "copied" };
}

const TAKEN: Outcome = {
  kind: "refused",
  problem:
    "The target has its ids or its idempotency keys in another thread, or it was written there meanwhile.",
};

async function commit(to: Store, items: readonly CommitItem[]): Promise<boolean> {
  if (items.length === 0) return true;
  const results = await to.commit([items]);
  return results.flat().every((result) => result === "committed");
}

/** Brings what the thread shares with others. Answers why that is not possible. */
async function bringOrigins(
  { from, ensure }: Copying,
  key: ThreadKey,
  source: ThreadHead,
): Promise<string | null> {
  const [first] = await from.listEntries(key, 0, 1);
  const kept = first?.op === "retention.trim" ? await allKept(from, key) : [];
  for (const id of originsOf(source, first, kept))
    if (!(await ensure({ tenant: key.tenant, id })))
      return `It has messages of ${id}, which was refused.`;
  return null;
}

/** Text that runs are writing just now. */
async function copyChunks(
  from: Store,
  to: Store,
  key: ThreadKey,
  head: ThreadHead | null,
): Promise<void> {
  for (const { messageId } of head?.activity.open ?? []) {
    const chunks = await from.listChunks(key, messageId);
    const there = await to.listChunks(key, messageId);
    if (chunks.length > there.length) await to.appendChunks(key, chunks.slice(there.length));
  }
}

/** The purge itself comes when all forks are there. */
async function copyPurged(
  copying: Copying,
  key: ThreadKey,
  source: ThreadHead,
  target: ThreadHead | null,
): Promise<Outcome> {
  const { from, to, blobs, ensure } = copying;
  if (target?.profile.purgedAt != null) return { kind: "unchanged" };
  const kept = await allKept(from, key);
  if (target !== null) {
    const isThere = kept.every(({ message }) => message.version <= target.version);
    if (isThere) return { kind: "to-purge" };
    const problem =
      "It was purged in the source since it was copied, and forks have messages of it that the target lacks. Copy to another store.";
    return { kind: "refused", problem };
  }
  for (const id of originsOf(source, undefined, kept))
    if (!(await ensure({ tenant: key.tenant, id })))
      return { kind: "refused", problem: `It has messages of ${id}, which was refused.` };
  const hashes = kept.flatMap(({ message }) => blobsIn(message.parts));
  await blobs.copy(key.tenant, hashes);
  const write = beforePurge(key, source, kept);
  return (await commit(to, [{ writes: [write] }])) ? { kind: "to-purge" } : TAKEN;
}

/** Purges in the target what is purged in the source. */
export async function purgeCopied(
  { from, to }: Pick<Copying, "from" | "to">,
  key: ThreadKey,
): Promise<boolean> {
  const [source = null] = await from.loadHeads([key]);
  if (source?.profile.purgedAt == null) return false;
  const [target = null] = await to.loadHeads([key]);
  if (target === null || target.profile.purgedAt !== null) return false;
  for (const item of purgeOf(key, target, source)) if (!(await commit(to, [item]))) return false;
  return true;
}
