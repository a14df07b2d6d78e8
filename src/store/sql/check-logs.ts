import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { replay } from "../../model/apply.ts";
import { oldestVersion } from "../../model/thread.ts";
import type { BranchHead, ThreadHead } from "../../model/thread.ts";
import type { ThreadKey } from "../key.ts";
import { numberAt, parseStored, textAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { checkRuns } from "./check-runs.ts";
import type { Dialect } from "./dialect.ts";
import { agendaCells } from "./encode-rare.ts";
import type { Finding } from "./finding.ts";
import { encodeHot } from "./head-codec.ts";
import { listEntries } from "./list-entries.ts";
import { livingHeads } from "./living-heads.ts";
import { change, row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { rewriteHead } from "./rewrite-head.ts";
import { stretchesBack } from "./segments.ts";
import type { Stretch } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

const ENTRIES_AT_ONCE = 500;

/** Every living thread: its versions, digests and tree, and its head against the fold of its log. */
export function* checkLogs(dialect: Dialect, ids: ThreadIds): Plan<readonly Finding[]> {
  const findings: Finding[] = [];
  for (let after = 0; ;) {
    const heads = yield* livingHeads(after);
    for (const [tid, head] of heads)
      findings.push(...(yield* checkThread(dialect, ids, tid, head)));
    const last = heads.at(-1);
    if (last === undefined) return findings;
    after = last[0];
  }
}

function* checkThread(
  dialect: Dialect,
  ids: ThreadIds,
  tid: number,
  head: ThreadHead,
): Plan<readonly Finding[]> {
  const threadId = head.profile.id;
  const problems = [...(yield* checkEntries(tid, oldestVersion(head)))];
  const mended: Finding[] = [];
  const folded = yield* foldLog(dialect, head.profile);
  if (typeof folded === "string") problems.push(folded);
  else {
    mended.push(...(yield* checkHead(dialect, tid, head, folded)));
    mended.push(...(yield* checkRuns(dialect, tid, folded.profile)));
    mended.push(...(yield* checkColumns(dialect, tid, folded)));
    problems.push(...(yield* checkBranches(dialect, ids, folded)));
  }
  return [...problems.map((problem) => ({ threadId, problem })), ...mended];
}

/** Messages that a trimmed thread kept stand before its log, with gaps. */
function* checkEntries(tid: number, oldest: number): Plan<readonly string[]> {
  const problems: string[] = [];
  for (let version = 0; ;) {
    const entries = yield* rows(
      `SELECT version, payload, digest FROM skein_entry WHERE tid = ? AND version > ?
       ORDER BY version LIMIT ${ENTRIES_AT_ONCE}`,
      tid,
      version,
    );
    for (const entry of entries) {
      const isBefore = numberAt(entry, 0) < oldest;
      version = isBefore ? numberAt(entry, 0) : Math.max(version + 1, oldest);
      if (entry[0] !== version) {
        const found = numberAt(entry, 0);
        return [...problems, `the entry after version ${version - 1} has version ${found}`];
      }
      if (!isAsWritten(entry))
        problems.push(`the payload of version ${version} is not what was committed`);
    }
    if (entries.length < ENTRIES_AT_ONCE) return problems;
  }
}

function isAsWritten(entry: Row): boolean {
  if (entry[1] === null) return entry[2] === null;
  const payload = textAt(entry, 1);
  const digest = entry[2];
  return (
    (digest instanceof Uint8Array &&
      Buffer.compare(hash("sha256", payload, "buffer"), digest) === 0) ||
    isErased(payload)
  );
}

/** Redaction overwrites payloads and keeps digests. */
function isErased(payload: string): boolean {
  const { redacted, values, lastMessage, from, profile, snapshot, ...set } = parseStored<{
    redacted?: true;
    title?: string | null;
    titleOf?: string;
    profile?: { title: string | null; titleOf?: string };
    values?: object;
    lastMessage?: { text: string } | null;
    from?: { lastMessage: { text: string } | null };
    snapshot?: Omit<ThreadHead, "version">;
  }>(payload);
  return (
    redacted === true ||
    (values !== undefined && Object.keys(values).length === 0) ||
    lastMessage?.text === "" ||
    from?.lastMessage?.text === "" ||
    (snapshot !== undefined && hasErasedText(snapshot)) ||
    [set, profile].some((it) => it?.titleOf !== undefined && it.title === null)
  );
}

function hasErasedText({ profile, activity }: Omit<ThreadHead, "version">): boolean {
  const previews = [activity.lastMessage, ...activity.queued.map(({ preview }) => preview)];
  const isTitleErased = profile.titleOf !== undefined && profile.title === null;
  return (
    isTitleErased ||
    previews.some((preview) => preview?.text === "") ||
    activity.runs.some(({ actions }) => actions?.some((action) => action.redacted === true))
  );
}

/** The head that the log makes, or why it makes none. */
function* foldLog(dialect: Dialect, key: ThreadKey): Plan<ThreadHead | string> {
  let head: ThreadHead | null = null;
  try {
    for (;;) {
      const after: number = head?.version ?? 0;
      const entries = yield* listEntries(dialect, key, after, ENTRIES_AT_ONCE);
      if (entries.length === 0) return head ?? "the thread has no log";
      head = replay(entries, head);
    }
  } catch (error) {
    return `the log cannot be replayed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function* checkHead(
  dialect: Dialect,
  tid: number,
  head: ThreadHead,
  folded: ThreadHead,
): Plan<readonly Finding[]> {
  const threadId = head.profile.id;
  const repair = (): Plan<void> => rewriteHead(dialect, tid, folded);
  if (head.version !== folded.version) {
    const problem = `the head is at ${head.version}, the log at ${folded.version}`;
    return [{ threadId, problem, repair }];
  }
  // Previews and notes in the head may be older than a redaction in the log.
  if (isDeepStrictEqual(folded, head) || (yield* hasErased(tid))) return [];
  return [{ threadId, problem: "the head is not the fold of the log", repair }];
}

/** What is only asked for in lists: whether a run holds a branch, has ended, is due or calls, and the status of the thread. */
function* checkColumns(dialect: Dialect, tid: number, head: ThreadHead): Plan<readonly Finding[]> {
  const { updatedAt, status } = encodeHot(head);
  const found = yield* row("SELECT updated_at, status FROM skein_head WHERE tid = ?", tid);
  const unended = yield* rows(
    "SELECT id, due_at, calls FROM skein_run WHERE tid = ? AND ended = 0 ORDER BY rid",
    tid,
  );
  const holding = yield* rows("SELECT branch, id FROM skein_run WHERE tid = ? AND holds = 1", tid);
  const threadId = head.profile.id;
  const { runs, holds } = head.activity;
  const findings: Finding[] = [];
  if (!isDeepStrictEqual(found, [updatedAt, status]))
    findings.push({
      threadId,
      problem: "the status is not that of the head",
      repair: () => rewriteHead(dialect, tid, head),
    });
  const isRight =
    isDeepStrictEqual(
      unended.map((it) => [
        textAt(it, 0),
        it[1] === null ? null : numberAt(it, 1),
        numberAt(it, 2),
      ]),
      runs.map((run) => [run.id, ...agendaCells(run)]),
    ) &&
    isDeepStrictEqual(
      Object.fromEntries(holding.map((it) => [textAt(it, 0), textAt(it, 1)])),
      holds,
    );
  if (!isRight)
    findings.push({
      threadId,
      problem: "the runs that have not ended are not those of the log",
      repair: () => remarkRuns(tid, head),
    });
  return findings;
}

function* remarkRuns(tid: number, { activity }: ThreadHead): Plan<void> {
  yield* change(
    "UPDATE skein_run SET ended = 1, holds = 0, due_at = NULL, calls = 0 WHERE tid = ?",
    tid,
  );
  for (const run of activity.runs) {
    const holds = activity.holds[run.branch] === run.id ? 1 : 0;
    yield* change(
      "UPDATE skein_run SET ended = 0, holds = ?, due_at = ?, calls = ? WHERE tid = ? AND id = ?",
      holds,
      ...agendaCells(run),
      tid,
      run.id,
    );
  }
}

function* hasErased(tid: number): Plan<boolean> {
  const erased = yield* row(
    `SELECT 1 FROM skein_entry WHERE tid = ? AND payload LIKE '%"redacted":true%' LIMIT 1`,
    tid,
  );
  return erased !== undefined;
}

function* checkBranches(
  dialect: Dialect,
  ids: ThreadIds,
  { profile, branches }: ThreadHead,
): Plan<readonly string[]> {
  const problems: string[] = [];
  for (const branch of Object.values(branches)) {
    const { name, segment, position, messageId } = branch;
    if (position === 0) continue;
    const tid = yield* ids.find(profile.tenant, segment.threadId);
    if (tid === undefined) {
      problems.push(`branch ${name} ends in ${segment.threadId}, which does not exist`);
      continue;
    }
    const { number } = segment;
    const stretches = yield* stretchesBack(dialect, { tid, number, position });
    problems.push(...(yield* checkPath(branch, stretches)));
    const last = yield* row(
      "SELECT mid FROM skein_entry WHERE tid = ? AND seg = ? AND pos = ?",
      tid,
      number,
      position,
    );
    if (last?.[0] !== messageId) problems.push(`branch ${name} does not end at ${messageId}`);
  }
  return problems;
}

/** Above a floor are only as many as were not trimmed. */
function* checkPath(
  { name, count, floor }: BranchHead,
  stretches: readonly Stretch[],
): Plan<readonly string[]> {
  const [last] = stretches;
  const length = last === undefined ? 0 : last.startDepth + last.position;
  const floorDepth = floor?.depth ?? 0;
  const expected = length - (floor?.trimmed ?? 0);
  let found = 0;
  for (const { tid, number, position, startDepth } of stretches) {
    const counted = yield* row(
      `SELECT count(*) FROM skein_entry WHERE tid = ? AND seg = ? AND pos <= ?
         AND (pos > ? OR role < 2)`,
      tid,
      number,
      position,
      floorDepth - startDepth,
    );
    found += numberAt(counted ?? [], 0);
  }
  if (length !== count) return [`branch ${name} counts ${count} messages, its path has ${length}`];
  if (found === expected) return [];
  return [`the path of branch ${name} has ${found} of its ${expected} messages`];
}
