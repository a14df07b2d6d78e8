import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Dirent } from "node:fs";
import { isMissing, isProtected } from "./locate.ts";
import type { Jail } from "./locate.ts";

export interface Walked {
  /** Below the root, with `/`. */
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/** What is below a folder, in the order of names; protected names are left out, and links are named and not followed. */
export async function* walk(jail: Jail, folder: string, isDeep: boolean): AsyncGenerator<Walked> {
  let entries: readonly Dirent[];
  try {
    entries = await readdir(join(jail.root, folder), { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isProtected(jail, entry.name) || /\p{Cc}|\uFFFD|\\/u.test(entry.name)) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    const kind = kindOf(entry);
    yield { path, kind };
    if (isDeep && kind === "folder") yield* walk(jail, path, true);
  }
}

function kindOf(entry: Dirent): Walked["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}
