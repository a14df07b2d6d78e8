import { isSkeinError } from "../model/error.ts";

/** How far a store's schema is. */
export interface SchemaState {
  /** The version in the store; 0 where there is none yet. */
  readonly found: number;
  /** The version that this code writes. */
  readonly known: number;
}

/** What `read` answers, also of a store that a newer version wrote. */
export async function schemaState(
  known: number,
  read: () => Promise<number> | number,
): Promise<SchemaState> {
  try {
    return { found: await read(), known };
  } catch (error) {
    const found = isSkeinError(error, "schema_too_new") ? error.details?.["found"] : undefined;
    if (typeof found !== "number") throw error;
    return { found, known };
  }
}
