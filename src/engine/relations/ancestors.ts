import { SkeinError } from "../../model/error.ts";
import { LIMITS } from "../../model/limits.ts";
import { parentsOf } from "../../model/link.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Core } from "../core.ts";
import type { Beside } from "../request.ts";

/** Refuses to make a thread the child of one that comes from it, whoever may see what is between. One read for each generation.
 *  @returns  what has to be so when the link is made: no ancestor has got another parent since */
export async function proveNoCircle(
  { store }: Core,
  tenant: string,
  parentId: string,
  childId: string,
): Promise<readonly Beside[]> {
  const known = new Map<string, readonly string[]>();
  let generation: readonly string[] = [parentId];
  for (let depth = 0; generation.length > 0; depth++) {
    if (generation.includes(childId))
      throw new SkeinError(
        "link_cycle",
        `Thread ${parentId} comes from thread ${childId}, which cannot come from it, too.`,
        { field: "thread_id" },
      );
    if (depth > LIMITS.linkDepth)
      throw new SkeinError(
        "limit_exceeded",
        `Thread ${parentId} has more than ${LIMITS.linkDepth} generations of ancestors.`,
        { details: { limit: LIMITS.linkDepth } },
      );
    const heads = await store.loadHeads(generation.map((id) => ({ tenant, id })));
    for (const [at, id] of generation.entries()) known.set(id, parentsIn(heads[at] ?? null));
    const next = new Set(generation.flatMap((id) => known.get(id) ?? []));
    generation = [...next].filter((id) => !known.has(id));
  }
  return [...known].map(([id, parents]) => ({
    key: { tenant, id },
    decide: (head) => {
      if (JSON.stringify(parentsIn(head)) === JSON.stringify(parents)) return null;
      throw new SkeinError("version_conflict", `Thread ${id} has got another parent meanwhile.`);
    },
  }));
}

function parentsIn(head: ThreadHead | null): readonly string[] {
  return head === null ? [] : parentsOf(head.profile);
}
