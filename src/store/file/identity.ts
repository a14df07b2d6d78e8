import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { SkeinError } from "../../model/error.ts";
import { readIfThere, replaceFile } from "./durable-file.ts";
import { corruptFile } from "./file-error.ts";
import { LAYOUT } from "./layout.ts";

/** The version of the files that this code writes. */
export const FORMAT = 1;

interface Identity {
  readonly format: number;
  readonly storeId: string;
}

/** The id of the store in a folder; an empty folder becomes a store.
 *  @throws SkeinError  `schema_too_new`; `invalid_request` for a folder with something else in it */
export async function loadStoreId(folder: string): Promise<string> {
  const path = join(folder, LAYOUT.identity);
  const json = readIfThere(path);
  if (json !== undefined) return identityIn(json, folder).storeId;
  proveOurs(folder);
  const identity: Identity = { format: FORMAT, storeId: randomUUID() };
  await replaceFile(path, `${JSON.stringify(identity)}\n`);
  return identity.storeId;
}

/** @throws SkeinError  `schema_too_new`, `store_corrupt` */
export function identityIn(json: string, folder: string): Identity {
  const { storeId, format } = parse(json) ?? {};
  if (typeof storeId !== "string" || typeof format !== "number")
    throw corruptFile(LAYOUT.identity, "it does not say which store this is");
  if (format > FORMAT)
    throw new SkeinError(
      "schema_too_new",
      `${folder} was written by a newer version of Skein (format ${format}, this one knows ${FORMAT}). Update Skein.`,
      { details: { found: format, known: FORMAT } },
    );
  return { storeId, format };
}

function parse(json: string): Partial<Identity> | undefined {
  try {
    const identity: Partial<Identity> | null = JSON.parse(json);
    return identity ?? undefined;
  } catch {
    return undefined;
  }
}

/** A folder that somebody named by mistake is left alone. */
function proveOurs(folder: string): void {
  const ours = Object.values(LAYOUT);
  const foreign = readdirSync(folder).find((name) => !ours.some((own) => name.startsWith(own)));
  if (foreign === undefined) return;
  throw new SkeinError(
    "invalid_request",
    `${folder} is not a store: it has ${JSON.stringify(foreign)} in it. Choose an empty folder.`,
    { field: "path" },
  );
}
