import { join, resolve } from "node:path";
import { schemaState } from "../schema-state.ts";
import type { SchemaState } from "../schema-state.ts";
import { readIfThere } from "./durable-file.ts";
import { FORMAT, identityIn } from "./identity.ts";
import { LAYOUT } from "./layout.ts";

/** The version of the files in a folder. Changes nothing, and does not need the folder's lock. */
export function readFileSchema(path: string): Promise<SchemaState> {
  const folder = resolve(path);
  return schemaState(FORMAT, () => {
    const json = readIfThere(join(folder, LAYOUT.identity));
    return json === undefined ? 0 : identityIn(json, folder).format;
  });
}
