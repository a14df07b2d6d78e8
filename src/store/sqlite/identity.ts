import { textAt } from "./cell.ts";
import type { Connection } from "./connection.ts";

export interface StoreIdentity {
  readonly storeId: string;
  readonly epoch: string;
}

export function loadIdentity(connection: Connection): StoreIdentity {
  const meta = (key: string): string =>
    textAt(connection.statement("SELECT value FROM meta WHERE key = ?").row(key) ?? [], 0);
  return { storeId: meta("store_id"), epoch: meta("epoch") };
}
