import type { ThreadKey } from "../key.ts";
import type { MemoryData } from "./memory-data.ts";

/** By tenant and id. */
export function listKeys(
  { tenants }: MemoryData,
  after: ThreadKey | null,
  limit: number,
): readonly ThreadKey[] {
  const keys = [...tenants.values()].flatMap(({ threads }) =>
    [...threads.values()].map(({ key }) => key),
  );
  return keys
    .filter((key) => after === null || compare(key, after) > 0)
    .sort(compare)
    .slice(0, limit);
}

function compare(a: ThreadKey, b: ThreadKey): number {
  if (a.tenant !== b.tenant) return a.tenant < b.tenant ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
