import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { textAt } from "./cell.ts";

export interface StoreIdentity {
  readonly storeId: string;
  readonly epoch: string;
}

export function* loadIdentity(): Plan<StoreIdentity> {
  const found = yield* rows(
    "SELECT name, value FROM skein_meta WHERE name IN ('store_id', 'epoch')",
  );
  const meta = new Map(found.map((row) => [textAt(row, 0), textAt(row, 1)]));
  return { storeId: meta.get("store_id") ?? "", epoch: meta.get("epoch") ?? "" };
}
