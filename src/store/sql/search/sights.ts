import { numberAt, numberOrNullAt, textAt, textOrNullAt } from "../cell.ts";
import type { Row } from "../cell.ts";
import { OP_CODES } from "../codes.ts";
import { listOf } from "../list-of.ts";
import { rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { textOfPayload } from "../text-of-payload.ts";
import type { Candidate } from "./candidates.ts";
import { pairsOf } from "./pairs-of.ts";

interface NamedThread {
  readonly id: string;
  readonly title: string | null;
}

/** What is shown of a candidate. */
export interface Sight {
  /** Under which it is listed. */
  readonly thread: NamedThread;
  /** `null` for a title. */
  readonly messageId: string | null;
  readonly role: number | null;
  readonly at: number;
  readonly text: string;
}

/** What is shown of candidates, by `nameOf`. Two statements. */
export function* sightsOf(candidates: readonly Candidate[]): Plan<ReadonlyMap<string, Sight>> {
  if (candidates.length === 0) return new Map();
  const pairs = pairsOf(candidates.map(({ tid, version }) => [tid, version]));
  // A queued message was said when it was queued, not when it got its place.
  const found = yield* rows(
    `SELECT e.tid, e.version, e.role, e.mid,
       CASE WHEN b.op = ${OP_CODES["message.enqueue"]} THEN b.at ELSE e.at END,
       CASE WHEN e.pos IS NOT NULL THEN coalesce(b.payload, e.payload) END, e.released
     FROM skein_entry e LEFT JOIN skein_entry b ON b.tid = e.tid AND b.version = e.body
     WHERE (e.tid, e.version) IN ${pairs.sql}`,
    ...pairs.parameters,
  );
  const threads = yield* threadsAt(candidates.map(({ home }) => home));
  const homes = new Map(candidates.map((candidate) => [nameOf(candidate), candidate.home]));
  const sights = new Map<string, Sight>();
  for (const row of found) {
    const name = nameOf({ tid: numberAt(row, 0), version: numberAt(row, 1) });
    const home = homes.get(name) ?? 0;
    const thread = threads.get(home);
    // The index may lag behind a trim.
    const isReleased = row[6] !== null && home === row[0];
    if (thread !== undefined && !isReleased) sights.set(name, sightOf(row, thread));
  }
  return sights;
}

export function nameOf({ tid, version }: Pick<Candidate, "tid" | "version">): string {
  return `${tid} ${version}`;
}

function sightOf(row: Row, thread: NamedThread): Sight {
  const role = numberOrNullAt(row, 2);
  const isTitle = role === null;
  return {
    thread,
    messageId: isTitle ? null : textAt(row, 3),
    role,
    at: numberAt(row, 4),
    text: isTitle ? (thread.title ?? "") : textOfPayload(textOrNullAt(row, 5)),
  };
}

function* threadsAt(tids: readonly number[]): Plan<ReadonlyMap<number, NamedThread>> {
  const list = listOf([...new Set(tids)]);
  const found = yield* rows(
    `SELECT tid, id, title FROM skein_thread WHERE tid IN ${list.sql}`,
    ...list.parameters,
  );
  return new Map(
    found.map((row) => [numberAt(row, 0), { id: textAt(row, 1), title: textOrNullAt(row, 2) }]),
  );
}
