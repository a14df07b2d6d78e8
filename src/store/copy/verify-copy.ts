import { createHash } from "node:crypto";
import { oldestVersion } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Store, ThreadKey } from "../store.ts";
import type { CopyOptions, CopyProblem, VerifyReport } from "./copy-report.ts";
import { digestThread } from "./digest-thread.ts";
import { eachThread } from "./each-thread.ts";

/**
 * Compares every thread of a store with the other store's, by hashes of its log and of all that is beside it, and the bytes
 * of every file. Changes nothing. What the source wrote since a thread was copied is not held against the target.
 *
 * Cost: reads everything of both stores.
 */
export async function verifyCopy(options: CopyOptions): Promise<VerifyReport> {
  const { from, to, onProgress } = options;
  const counts = { threads: 0, entries: 0, blobs: 0, behind: 0 };
  const problems: CopyProblem[] = [];
  await eachThread(from, options, async (key) => {
    const found = await compare(from, to, key);
    counts.threads += 1;
    counts.entries += found.entries;
    counts.blobs += found.blobs;
    if (found.isBehind) counts.behind += 1;
    if (found.problem !== null) problems.push({ ...key, problem: found.problem });
    const { threads, entries, blobs } = counts;
    onProgress?.({ phase: "verify", threads, entries, blobs });
  });
  return { ...counts, problems };
}

interface Compared {
  readonly problem: string | null;
  readonly isBehind: boolean;
  readonly entries: number;
  readonly blobs: number;
}

const SAME: Compared = { problem: null, isBehind: false, entries: 0, blobs: 0 };

async function compare(from: Store, to: Store, key: ThreadKey): Promise<Compared> {
  const [target = null] = await to.loadHeads([key]);
  const [source = null] = await from.loadHeads([key]);
  if (source === null) return SAME;
  if (target === null) return { ...SAME, problem: "It is missing in the target." };
  const isGone = source.profile.purgedAt !== null;
  if (target.profile.purgedAt !== null)
    return isGone ? SAME : { ...SAME, problem: "It was purged in the target." };
  const isBehind = isGone || source.version > target.version;
  if (!isBehind && target.version > source.version)
    return { ...SAME, problem: "The target has it at a higher version than the source." };
  // Its log begins anew since.
  const isTrimmed = oldestVersion(source) !== oldestVersion(target);
  if (isBehind && (isGone || isTrimmed)) return { ...SAME, isBehind };
  return { ...(await compareLogs(from, to, key, source, target)), isBehind };
}

async function compareLogs(
  from: Store,
  to: Store,
  key: ThreadKey,
  source: ThreadHead,
  target: ThreadHead,
): Promise<Compared> {
  const until = target.version;
  const a = await digestThread(from, key, source, until, source.version);
  const b = await digestThread(to, key, target, until, source.version);
  const names = Object.keys(a.parts).filter((name) => a.parts[name] !== b.parts[name]);
  const lost: string[] = [];
  for (const sha256 of a.blobs) if (!(await hasSameBlob(from, to, key, sha256))) lost.push(sha256);
  const problems = [
    ...names.map((name) => `Its ${name} ${name.endsWith("s") ? "differ" : "differs"}.`),
    ...(lost.length > 0 ? [`The target lacks ${lost.length} of its files.`] : []),
  ];
  const problem = problems.length > 0 ? problems.join(" ") : null;
  return { problem, isBehind: false, entries: a.entries, blobs: a.blobs.size };
}

async function hasSameBlob(
  from: Store,
  to: Store,
  { tenant }: ThreadKey,
  sha256: string,
): Promise<boolean> {
  const reader = { tenant, user: null };
  const there = await to.loadBlob(reader, sha256, Date.now());
  if (there !== null) return createHash("sha256").update(there.bytes).digest("hex") === sha256;
  return (await from.loadBlob(reader, sha256, Date.now())) === null;
}
