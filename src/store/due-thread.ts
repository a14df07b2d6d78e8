import type { ThreadKey } from "./key.ts";

/** Where a thread stands among those whose time ends: by its time, then tenant and id. */
export interface DuePlace {
  /** Milliseconds since the epoch, as `dueAtOf` says. */
  readonly dueAt: number;
  readonly key: ThreadKey;
}

/** At most `limit` threads until `by`, behind `after`. */
export type DueQuery = readonly [by: number, limit: number, after: DuePlace | null];

export function compareDue(a: DuePlace, b: DuePlace): number {
  return (
    a.dueAt - b.dueAt || compareText(a.key.tenant, b.key.tenant) || compareText(a.key.id, b.key.id)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
