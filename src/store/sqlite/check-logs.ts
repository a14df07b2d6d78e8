import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { replay } from "../../model/apply.ts";
import type { Run } from "../../model/run.ts";
import type { ThreadHead } from "../../model/thread.ts";
import { numberAt, parseStored, textAt } from "../sql/cell.ts";
import type { Row } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import { listEntries } from "./decode-entry.ts";
import type { Finding } from "../sql/finding.ts";
import { HEAD_COLUMNS } from "../sql/head-codec.ts";
import { headOf } from "./load-heads.ts";
import { rewriteHead, rewriteRuns } from "./rewrite-head.ts";
import { stretchesBack } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

const ENTRIES_AT_ONCE = 500;

/** Every living thread: its versions, digests and tree, and its head against the fold of its log. */
export function* checkLogs(connection: Connection, ids: ThreadIds): Generator<Finding> {
  const rows = connection
    .statement(
      `SELECT ${HEAD_COLUMNS} FROM skein_thread t JOIN skein_head h ON h.tid = t.tid
       WHERE t.purged_at IS NULL`,
    )
    .rows();
  for (const row of rows) {
    const tid = numberAt(row, 0);
    const head = headOf(connection, row);
    const threadId = head.profile.id;
    for (const problem of checkEntries(connection, tid)) yield { threadId, problem };
    const folded = foldLog(connection, ids, tid);
    if (typeof folded === "string") yield { threadId, problem: folded };
    else {
      yield* checkHead(connection, tid, head, folded);
      yield* checkRuns(connection, ids, tid, folded);
      for (const problem of checkBranches(connection, ids, folded)) yield { threadId, problem };
    }
  }
}

function* checkEntries(connection: Connection, tid: number): Generator<string> {
  const rows = connection
    .statement("SELECT version, payload, digest FROM skein_entry WHERE tid = ? ORDER BY version")
    .each(tid);
  let version = 0;
  for (const row of rows) {
    version += 1;
    if (row[0] !== version) {
      yield `the entry after version ${version - 1} has version ${numberAt(row, 0)}`;
      return;
    }
    if (!isAsWritten(row)) yield `the payload of version ${version} is not what was committed`;
  }
}

function isAsWritten(row: Row): boolean {
  if (row[1] === null) return row[2] === null;
  const payload = textAt(row, 1);
  const digest = row[2];
  return (
    (digest instanceof Uint8Array &&
      Buffer.compare(hash("sha256", payload, "buffer"), digest) === 0) ||
    isErased(payload)
  );
}

/** Redaction overwrites payloads and keeps digests. */
function isErased(payload: string): boolean {
  const { redacted, values, lastMessage, from, profile, ...set } = parseStored<{
    redacted?: true;
    title?: string | null;
    titleOf?: string;
    profile?: { title: string | null; titleOf?: string };
    values?: object;
    lastMessage?: { text: string } | null;
    from?: { lastMessage: { text: string } | null };
  }>(payload);
  return (
    redacted === true ||
    (values !== undefined && Object.keys(values).length === 0) ||
    lastMessage?.text === "" ||
    from?.lastMessage?.text === "" ||
    [set, profile].some((it) => it?.titleOf !== undefined && it.title === null)
  );
}

/** The head that the log makes, or why it makes none. */
function foldLog(connection: Connection, ids: ThreadIds, tid: number): ThreadHead | string {
  let head: ThreadHead | null = null;
  try {
    for (;;) {
      const after: number = head?.version ?? 0;
      const entries = listEntries(connection, ids, tid, after, ENTRIES_AT_ONCE);
      if (entries.length === 0) return head ?? "the thread has no log";
      head = replay(entries, head);
    }
  } catch (error) {
    return `the log cannot be replayed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function* checkHead(
  connection: Connection,
  tid: number,
  head: ThreadHead,
  folded: ThreadHead,
): Generator<Finding> {
  const threadId = head.profile.id;
  if (head.version !== folded.version)
    yield {
      threadId,
      problem: `the head is at ${head.version}, the log at ${folded.version}`,
      repair: () => rewriteHead(connection, tid, folded),
    };
  // Previews and notes in the head may be older than a redaction in the log.
  else if (!isDeepStrictEqual(folded, head) && !hasErased(connection, tid))
    yield {
      threadId,
      problem: "the head is not the fold of the log",
      repair: () => rewriteHead(connection, tid, folded),
    };
}

function* checkRuns(
  connection: Connection,
  ids: ThreadIds,
  tid: number,
  folded: ThreadHead,
): Generator<Finding> {
  const stored = connection
    .statement("SELECT data FROM skein_run WHERE tid = ? AND ended = 0 ORDER BY rid")
    .rows(tid)
    .map((row) => parseStored<Run>(textAt(row, 0)));
  if (!isDeepStrictEqual(stored, folded.activity.runs))
    yield {
      threadId: folded.profile.id,
      problem: "the runs that have not ended are not those of the log",
      repair: () => {
        const entries = listEntries(connection, ids, tid, 0, folded.version);
        rewriteRuns(connection, tid, entries, folded);
      },
    };
}

function hasErased(connection: Connection, tid: number): boolean {
  return (
    connection
      .statement(
        `SELECT 1 FROM skein_entry WHERE tid = ? AND payload LIKE '%"redacted":true%' LIMIT 1`,
      )
      .row(tid) !== undefined
  );
}

function* checkBranches(
  connection: Connection,
  ids: ThreadIds,
  { profile, branches }: ThreadHead,
): Generator<string> {
  for (const { name, segment, position, count, messageId } of Object.values(branches)) {
    if (position === 0) continue;
    const tid = ids.find(profile.tenant, segment.threadId);
    if (tid === undefined) {
      yield `branch ${name} ends in ${segment.threadId}, which does not exist`;
      continue;
    }
    const stretches = [...stretchesBack(connection, { tid, number: segment.number, position })];
    const length = stretches.reduce((sum, stretch) => sum + stretch.position, 0);
    if (length !== count) yield `branch ${name} counts ${count} messages, its path has ${length}`;
    for (const stretch of stretches) yield* checkStretch(connection, stretch);
    const last = connection
      .statement("SELECT mid FROM skein_entry WHERE tid = ? AND seg = ? AND pos = ?")
      .row(tid, segment.number, position);
    if (last?.[0] !== messageId) yield `branch ${name} does not end at ${messageId}`;
  }
}

function* checkStretch(
  connection: Connection,
  { tid, number, position }: { tid: number; number: number; position: number },
): Generator<string> {
  const row = connection
    .statement("SELECT count(*) FROM skein_entry WHERE tid = ? AND seg = ? AND pos <= ?")
    .row(tid, number, position);
  if (row?.[0] !== position)
    yield `segment ${number} has ${String(row?.[0])} of its first ${position} messages`;
}
