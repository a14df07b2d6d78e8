import type { ThreadKey } from "../key.ts";
import type { ThreadClaims } from "../store.ts";
import type { Tenant } from "./memory-data.ts";
import { isPurged } from "./sweep.ts";

export function listClaims(
  { threads, given, operations }: Tenant,
  { id }: ThreadKey,
  from: number,
  to: number,
): ThreadClaims {
  const thread = threads.get(id);
  if (thread === undefined || isPurged(thread)) return { givenIds: [], operations: [] };
  const isWanted = (version: number): boolean => version >= from && version <= to;
  return {
    givenIds: [...given]
      .filter(([, { key, version }]) => key.id === id && isWanted(version))
      .map(([name, { version }]) => ({ id: name, version }))
      .sort((a, b) => a.version - b.version),
    operations: [...operations.values()]
      .filter(({ key, toVersion }) => key.id === id && isWanted(toVersion))
      .map(({ key: _key, ...operation }) => operation)
      .sort((a, b) => a.toVersion - b.toVersion),
  };
}
