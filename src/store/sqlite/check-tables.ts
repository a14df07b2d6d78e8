import { isDeepStrictEqual } from "node:util";
import { numberAt, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import type { Finding } from "../sql/finding.ts";
import { HEAD_COLUMNS } from "../sql/head-codec.ts";
import { EVERYBODY, relist, writeMembers } from "./listing-rows.ts";
import { headOf } from "./load-heads.ts";
import { stateOf } from "../sql/encode-rare.ts";
import { segmentAt } from "./segments.ts";

/** What stands beside the log: segments, open messages, members, lists, chunks. */
export function* checkTables(connection: Connection): Generator<Finding> {
  yield* checkSegments(connection);
  yield* checkChunks(connection);
  const rows = connection
    .statement(
      `SELECT ${HEAD_COLUMNS} FROM skein_thread t JOIN skein_head h ON h.tid = t.tid
       WHERE t.purged_at IS NULL`,
    )
    .rows();
  const listed = listedRows(connection);
  for (const row of rows) {
    const tid = numberAt(row, 0);
    const { profile, activity } = headOf(connection, row);
    const threadId = profile.id;
    const state = stateOf(profile) ?? 0;
    const users = [...new Set([EVERYBODY, profile.owner, ...Object.keys(profile.members)])];
    const expected = users.map((user) => `${user} ${state}`).sort();
    if (!isDeepStrictEqual((listed.get(tid) ?? []).sort(), expected))
      yield {
        threadId,
        problem: "the thread is not in the lists of those who may see it",
        repair: () => {
          connection.statement("DELETE FROM skein_listing WHERE tid = ?").run(tid);
          const members = Object.entries(profile.members);
          writeMembers(connection, tid, { owner: profile.owner, state, members });
          relist(connection, tid, state);
        },
      };
    const open = connection
      .statement("SELECT mid FROM skein_entry WHERE tid = ? AND op = 21 AND body IS NULL")
      .rows(tid)
      .map((found) => textAt(found, 0));
    const expectedOpen = activity.open.map(({ messageId }) => messageId);
    if (!isDeepStrictEqual(open.sort(), expectedOpen.sort()))
      yield { threadId, problem: "the open messages are not those of the head" };
  }
}

/** Users and states of the lists that threads stand in; rows that are not at the thread's time count as none. */
function listedRows(connection: Connection): Map<number, string[]> {
  const listed = new Map<number, string[]>();
  const rows = connection
    .statement(
      `SELECT l.tid, l.user_id, l.state, l.listed_at = h.listed_at FROM skein_listing l
       LEFT JOIN skein_head h ON h.tid = l.tid`,
    )
    .rows();
  for (const row of rows) {
    const names = listed.get(numberAt(row, 0)) ?? [];
    names.push(row[3] === 1 ? `${textAt(row, 1)} ${numberAt(row, 2)}` : "misplaced");
    listed.set(numberAt(row, 0), names);
  }
  return listed;
}

function* checkSegments(connection: Connection): Generator<Finding> {
  const rows = connection
    .statement(
      `SELECT t.id, s.number, s.start_depth, s.parent_tid, s.parent_number, s.parent_position
       FROM skein_segment s JOIN skein_thread t ON t.tid = s.tid WHERE s.parent_tid IS NOT NULL`,
    )
    .rows();
  for (const row of rows) {
    const { startDepth } = segmentAt(connection, numberAt(row, 3), numberAt(row, 4));
    if (startDepth + numberAt(row, 5) !== numberAt(row, 2))
      yield {
        threadId: textAt(row, 0),
        problem: `segment ${numberAt(row, 1)} does not start below the message that it continues`,
      };
  }
}

function* checkChunks(connection: Connection): Generator<Finding> {
  const rows = connection
    .statement(
      `SELECT DISTINCT c.tid, c.mid, t.id FROM skein_chunk c LEFT JOIN skein_thread t ON t.tid = c.tid
       WHERE NOT EXISTS (SELECT 1 FROM skein_entry e
         WHERE e.tid = c.tid AND e.mid = c.mid AND e.op = 21 AND e.body IS NULL)`,
    )
    .rows();
  for (const row of rows)
    yield {
      threadId: String(row[2]),
      problem: `message ${textAt(row, 1)} is not open and has chunks`,
      repair: () =>
        connection
          .statement("DELETE FROM skein_chunk WHERE tid = ? AND mid = ?")
          .run(numberAt(row, 0), textAt(row, 1)),
    };
}
