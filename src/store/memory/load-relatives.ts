import type { ThreadHead } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { RelativesQuery } from "../query.ts";
import { canSee } from "./access.ts";
import type { Tenant } from "./memory-data.ts";

export function loadRelatives(
  { threads }: Tenant,
  reader: Reader,
  { ids, forksOf, limit }: RelativesQuery,
): readonly ThreadHead[] {
  const isShown = (head: ThreadHead): boolean =>
    head.profile.deletedAt === null && canSee(reader, head);
  const named = ids.flatMap((id) => threads.get(id)?.head ?? []).filter(isShown);
  const origins = new Set(forksOf);
  const forks = [...threads.values()]
    .map(({ head }) => head)
    .filter((head) => origins.has(head.profile.forkedFrom?.threadId ?? "") && isShown(head));
  return [...new Set([...named, ...forks.slice(0, limit)])];
}
