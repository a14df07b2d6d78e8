import { oldestVersion } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Store, ThreadKey } from "../store.ts";

/** Why the target's thread cannot be brought further; `null` if it can.
 *  @param source  not purged */
export async function refusalOf(
  from: Store,
  to: Store,
  key: ThreadKey,
  source: ThreadHead,
  target: ThreadHead,
): Promise<string | null> {
  if (target.profile.purgedAt !== null) return "It was purged in the target.";
  if (target.version > source.version)
    return `The target has it at version ${target.version}, the source at ${source.version}: it was changed in the target.`;
  const oldest = oldestVersion(source);
  if (target.version < oldest - 1)
    return `The source was trimmed at version ${oldest}, and the target has it at ${target.version}: what is between them is gone. Copy to another store.`;
  const isSame =
    target.version < oldest
      ? target.profile.createdAt === source.profile.createdAt
      : await hasSameEntry(from, to, key, target.version);
  return isSame ? null : `Version ${target.version} is another one in the target.`;
}

/** A redaction changes what an entry says, and nothing of this. */
async function hasSameEntry(
  from: Store,
  to: Store,
  key: ThreadKey,
  version: number,
): Promise<boolean> {
  const [a, b] = await Promise.all([entryAt(from, key, version), entryAt(to, key, version)]);
  return (
    a !== undefined &&
    b !== undefined &&
    a.version === b.version &&
    a.op === b.op &&
    a.at === b.at &&
    a.actor === b.actor &&
    a.opId === b.opId
  );
}

async function entryAt(
  store: Store,
  key: ThreadKey,
  version: number,
): Promise<Awaited<ReturnType<Store["listEntries"]>>[number] | undefined> {
  const [entry] = await store.listEntries(key, version - 1, 1);
  return entry;
}
