import { isDeepStrictEqual } from "node:util";
import { replay } from "../../model/apply.ts";
import { messagesOn } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Backend } from "./backend.ts";
import { listEntries } from "./list-entries.ts";
import { nameOf, tenantKeys } from "./names.ts";
import { readPath } from "./read-path.ts";
import { listOf, textOf } from "./reply.ts";
import { loadRun } from "./runs.ts";

const AT_ONCE = 500;
const WHOLE = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER } as const;

/** What of a thread does not fit its log. */
export async function checkLog(backend: Backend, head: ThreadHead): Promise<readonly string[]> {
  return [
    ...(await checkFold(backend, head)),
    ...(await checkRuns(backend, head)),
    ...(await checkOpen(backend, head)),
    ...(await checkBranches(backend, head)),
  ];
}

async function checkFold(backend: Backend, head: ThreadHead): Promise<readonly string[]> {
  const { id, tenant } = head.profile;
  let folded: ThreadHead | null = null;
  let isErased = head.activity.lastMessage?.text === "";
  try {
    while (folded === null || folded.version < head.version) {
      const after: number = folded?.version ?? 0;
      const limit = Math.min(AT_ONCE, head.version - after);
      const entries = await listEntries(backend, { tenant, id }, after, limit, undefined);
      if (entries.length === 0) return [`the log ends at ${after}, the head is at ${head.version}`];
      folded = replay(entries, folded);
      isErased ||= entries.some(({ op }) => op === "message.redact");
    }
  } catch (error) {
    return [
      `the log cannot be replayed: ${error instanceof Error ? error.message : String(error)}`,
    ];
  }
  // What a redacted log said once is not known from it any more.
  const [ofLog, ofHead] = isErased ? [withoutQuotes(folded), withoutQuotes(head)] : [folded, head];
  return isDeepStrictEqual(ofLog, ofHead) ? [] : ["the head is not the fold of the log"];
}

function withoutQuotes(head: ThreadHead | null): unknown {
  if (head === null) return null;
  const { lastMessage: _lastMessage, queued, ...activity } = head.activity;
  return {
    ...head,
    profile: { ...head.profile, title: null },
    activity: { ...activity, queued: queued.map(({ messageId }) => messageId) },
  };
}

async function checkRuns(backend: Backend, head: ThreadHead): Promise<readonly string[]> {
  const { id, tenant } = head.profile;
  const problems: string[] = [];
  for (const run of head.activity.runs)
    if (!isDeepStrictEqual(await loadRun(backend, { tenant, id }, run.id), run))
      problems.push(`run ${run.id} differs from the head's`);
  return problems;
}

async function checkOpen(
  { connection, place }: Backend,
  { profile, activity }: ThreadHead,
): Promise<readonly string[]> {
  const key = `${tenantKeys(place.prefix, profile.tenant)}o:${nameOf(profile.id)}`;
  const stored = listOf(await connection.command("SMEMBERS", key)).map(textOf);
  const expected = activity.open.map(({ messageId }) => nameOf(messageId));
  return isDeepStrictEqual(stored.toSorted(), expected.toSorted())
    ? []
    : ["the open messages are not those of the head"];
}

async function checkBranches(backend: Backend, head: ThreadHead): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const branch of Object.values(head.branches)) {
    const path = await readPath(backend, head.profile.tenant, branch, WHOLE);
    if (path.length !== messagesOn(branch))
      problems.push(
        `branch ${branch.name} counts ${messagesOn(branch)} messages, its path has ${path.length}`,
      );
    if ((path.at(-1)?.id ?? null) !== branch.messageId)
      problems.push(`branch ${branch.name} does not end at ${branch.messageId}`);
    const floor = branch.floor?.depth ?? -1;
    const broken = path.find(
      ({ parentId, depth }, index) =>
        (depth ?? 0) > floor && parentId !== (path[index - 1]?.id ?? null),
    );
    if (broken !== undefined)
      problems.push(`the parent of ${broken.id} is not the message before it`);
  }
  return problems;
}
