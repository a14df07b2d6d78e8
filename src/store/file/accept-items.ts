import { oldestVersion } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Operation, ThreadKey } from "../key.ts";
import type { Need } from "../facts.ts";
import type { Chain, CommitItem, ItemResult, Store, ThreadWrite } from "../store.ts";

export interface Accepted {
  readonly results: readonly (readonly ItemResult[])[];
  /** What is to be written, in order. */
  readonly items: readonly CommitItem[];
}

/** Decides which items are stale, as the index will, before anything is written. Nothing else may commit meanwhile. */
export async function acceptItems(index: Store, chains: readonly Chain[]): Promise<Accepted> {
  const known = await loadKnown(index, chains);
  const items: CommitItem[] = [];
  const results = chains.map((chain) => {
    let isStale = false;
    return chain.map((item): ItemResult => {
      isStale ||= !known.takes(item);
      if (!isStale) items.push(item);
      return isStale ? "stale" : "committed";
    });
  });
  return { results, items };
}

interface Known {
  /** Whether an item fits behind what is stored and the items before it; one that does counts from then on. */
  takes(item: CommitItem): boolean;
}

async function loadKnown(index: Store, chains: readonly Chain[]): Promise<Known> {
  const writes = chains.flat().flatMap((item) => item.writes);
  const touched = writes.flatMap((write) => [write.key, originOf(write)?.key ?? []].flat());
  const keys = [...new Map(touched.map((key) => [nameOf(key), key])).values()];
  const heads = await index.loadHeads(keys);
  const versions = new Map(keys.map((key, at) => [nameOf(key), heads[at]?.version ?? 0]));
  const oldest = new Map(keys.map((key, at) => [nameOf(key), oldestIn(heads[at])]));
  const taken = new Set<string>();
  for (const write of writes) await loadTaken(index, write, taken);
  return {
    takes({ writes: wanted }) {
      const names = wanted.flatMap(claimsOf);
      const isTaken = names.some((name, at) => taken.has(name) || names.indexOf(name) !== at);
      const isBehind = wanted.some(({ key, base }) => versions.get(nameOf(key)) !== base);
      const isForkLate = wanted.some((write) => {
        const origin = originOf(write);
        return origin !== undefined && (oldest.get(nameOf(origin.key)) ?? 1) > origin.version;
      });
      if (isTaken || isBehind || isForkLate) return false;
      for (const { key, after } of wanted) {
        versions.set(nameOf(key), after.version);
        oldest.set(nameOf(key), oldestIn(after));
      }
      for (const name of names) taken.add(name);
      for (const write of wanted) for (const id of messageIdsOf(write)) taken.add(id);
      return true;
    },
  };
}

async function loadTaken(index: Store, write: ThreadWrite, taken: Set<string>): Promise<void> {
  const { key } = write;
  const ids = idsOf(write);
  const [first, ...others] = operationsOf(write);
  const needs: Need[] = [];
  if (ids.length > 0) needs.push({ kind: "given", ids });
  if (first !== undefined) needs.push({ kind: "operation", user: first.user, opId: first.opId });
  if (needs.length === 0) return;
  const { given, operation } = await index.loadFacts(key, needs);
  for (const [id, use] of Object.entries(given)) if (use !== null) taken.add(idClaim(key, id));
  if (operation !== null && first !== undefined) taken.add(operationClaim(key, first));
  // One call answers about one operation; only what is brought from elsewhere has several.
  for (const other of others) {
    const { user, opId } = other;
    const facts = await index.loadFacts(key, [{ kind: "operation", user, opId }]);
    if (facts.operation !== null) taken.add(operationClaim(key, other));
  }
}

function idsOf({ givenIds, earlier }: ThreadWrite): readonly string[] {
  return [...givenIds, ...(earlier?.givenIds ?? []).map(({ id }) => id)];
}

function operationsOf({ operation, earlier }: ThreadWrite): readonly Operation[] {
  return [...(earlier?.operations ?? []), ...(operation === undefined ? [] : [operation])];
}

/** Where a new thread is forked from. */
function originOf({
  key,
  entries,
  kept,
}: ThreadWrite): { readonly key: ThreadKey; readonly version: number } | undefined {
  const [first] = entries;
  // What is brought from elsewhere knows what it includes.
  const isNew = first?.op === "thread.create" && kept === undefined;
  const from = isNew ? first.data.from : undefined;
  return from && { key: { tenant: key.tenant, id: from.threadId }, version: from.version };
}

function oldestIn(head: ThreadHead | null | undefined): number {
  return head ? oldestVersion(head) : 1;
}

function claimsOf(write: ThreadWrite): readonly string[] {
  const { key } = write;
  return [
    ...idsOf(write).map((id) => idClaim(key, id)),
    ...operationsOf(write).map((operation) => operationClaim(key, operation)),
  ];
}

/** Ids that the engine made are taken as well. */
function messageIdsOf({ key, entries }: ThreadWrite): readonly string[] {
  return entries.flatMap((entry) => {
    const isNew =
      entry.op === "message.append" ||
      entry.op === "message.open" ||
      entry.op === "message.enqueue";
    return isNew ? [idClaim(key, entry.data.message.id)] : [];
  });
}

function idClaim({ tenant }: ThreadKey, id: string): string {
  return JSON.stringify(["id", tenant, id]);
}

function operationClaim({ tenant }: ThreadKey, { user, opId }: Operation): string {
  return JSON.stringify(["operation", tenant, user, opId]);
}

function nameOf({ tenant, id }: ThreadKey): string {
  return JSON.stringify([tenant, id]);
}
