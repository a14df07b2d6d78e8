import assert from "node:assert/strict";
import { otherSide, parentsOf, sidesOf } from "../../src/model/link.ts";
import type { ThreadHead } from "../../src/model/thread.ts";
import type { Store } from "../../src/store/store.ts";

/** Proves of all threads of a store that every link stands in both, and that none is its own ancestor. Answers how many links
 *  there are. */
export async function provesRelations(store: Store): Promise<number> {
  const stored = await store.loadHeads(await store.listKeys(null, 10_000));
  const heads = new Map(stored.flatMap((head) => (head === null ? [] : [[head.profile.id, head]])));
  let links = 0;
  for (const head of heads.values()) {
    requireBothSides(heads, head);
    requireNoCircle(heads, head);
    links += head.profile.links?.length ?? 0;
  }
  return links;
}

function requireBothSides(heads: ReadonlyMap<string, ThreadHead>, { profile }: ThreadHead): void {
  if (profile.purgedAt !== null) assert.deepEqual(sidesOf(profile), []);
  for (const { kind, threadId } of profile.links ?? []) {
    const other = heads.get(threadId)?.profile;
    assert.ok(other !== undefined && other.purgedAt === null, `${profile.id} names ${threadId}`);
    const isNamed = sidesOf(other).some(
      (side) => side.kind === otherSide(kind) && side.threadId === profile.id,
    );
    assert.ok(isNamed, `${profile.id} has ${kind} ${threadId}, which does not have it`);
  }
}

function requireNoCircle(heads: ReadonlyMap<string, ThreadHead>, { profile }: ThreadHead): void {
  const above = new Set<string>();
  const waiting = [...parentsOf(profile)];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (above.has(id)) continue;
    above.add(id);
    const head = heads.get(id);
    if (head !== undefined) waiting.push(...parentsOf(head.profile));
  }
  assert.ok(!above.has(profile.id), `${profile.id} is its own ancestor`);
}
