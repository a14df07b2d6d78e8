import { textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";

export interface StoreIdentity {
  readonly storeId: string;
  readonly epoch: string;
}

export function loadIdentity(connection: Connection): StoreIdentity {
  const meta = (key: string): string =>
    textAt(connection.statement("SELECT value FROM skein_meta WHERE name = ?").row(key) ?? [], 0);
  return { storeId: meta("store_id"), epoch: meta("epoch") };
}
