import type { ThreadHead } from "../../model/thread.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { RelativesQuery } from "../query.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { decodeHead } from "./decode-head.ts";
import { nameOf, userOf } from "./names.ts";
import { listOf } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

// Stands for a writer, who is no user: those begin with a u.
const WRITER = "w";

/** For writing, purged ones too. */
export async function loadHeads(
  backend: Backend,
  keys: readonly ThreadKey[],
): Promise<readonly (ThreadHead | null)[]> {
  const heads: (ThreadHead | null)[] = keys.map(() => null);
  const tenants = Map.groupBy(keys.keys(), (index) => keys[index]?.tenant ?? "");
  await Promise.all(
    [...tenants].map(async ([tenant, indexes]) => {
      const ids = indexes.map((index) => keys[index]?.id ?? "");
      const found = await read(backend, tenant, WRITER, "", ids);
      for (const [at, index] of indexes.entries()) heads[index] = headOrNull(found[at] ?? null);
    }),
  );
  return heads;
}

export async function loadThread(
  backend: Backend,
  { tenant, user }: Reader,
  id: string,
  knownVersion: number | undefined,
): Promise<ThreadHead | "unchanged" | null> {
  const known = knownVersion === undefined ? "" : String(knownVersion);
  const [found = null] = await read(backend, tenant, userOf(user), known, [id]);
  return found === "unchanged" ? found : headOrNull(found);
}

export async function loadThreads(
  backend: Backend,
  { tenant, user }: Reader,
  ids: readonly string[],
): Promise<readonly (ThreadHead | null)[]> {
  const found = await read(backend, tenant, userOf(user), "", ids);
  return found.map(headOrNull);
}

export async function loadRelatives(
  backend: Backend,
  { tenant, user }: Reader,
  { ids, forksOf, limit }: RelativesQuery,
): Promise<readonly ThreadHead[]> {
  if (ids.length === 0 && forksOf.length === 0) return [];
  const listed = [ids, forksOf].flatMap((of) => [String(of.length), ...of.map(nameOf)]);
  const args = [userOf(user), String(limit), ...listed];
  return listOf(await runFor(backend, tenant, SCRIPTS.relatives, ...args)).map(decodeHead);
}

async function read(
  backend: Backend,
  tenant: string,
  user: string,
  known: string,
  ids: readonly string[],
): Promise<readonly Reply[]> {
  if (ids.length === 0) return [];
  const args = [user, known, String(ids.length), ...ids.map(nameOf)];
  return listOf(await runFor(backend, tenant, SCRIPTS.heads, ...args));
}

function headOrNull(reply: Reply): ThreadHead | null {
  return reply === null ? null : decodeHead(reply);
}
