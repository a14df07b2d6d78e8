import { OP_CODES } from "../codes.ts";
import type { Dialect } from "../dialect.ts";
import type { Fragment } from "../list-of.ts";
import type { Plan } from "../plan.ts";
import { behind, upTo } from "./log-place.ts";
import type { LogPlace } from "./log-place.ts";
import { pendingEntries } from "./pending-entries.ts";
import type { PendingEntry } from "./pending-entries.ts";
import { removeLost } from "./remove-lost.ts";
import type { SearchDialect } from "./search-dialect.ts";
import { lockState, saveState } from "./search-state.ts";
import type { SearchState } from "./search-state.ts";
import { writeNamed, writePlaced } from "./write-documents.ts";
import type { MessageName } from "./write-documents.ts";
import { removeReaders, writeReaders } from "./write-readers.ts";
import { removeLostTitles, removeTitles, writeTitles } from "./write-titles.ts";
import type { TitlePlace } from "./write-titles.ts";

/** Entries in one transaction. A waiting search would wait longer for more. */
const MAX_ENTRIES = 2000;

// A batch of long texts ends earlier, so that its transaction stays short as well.
const MAX_BYTES = 4_000_000;

/**
 * Indexes what the log has behind the place of the index, up to 2,000 entries and 4 MB of content, in the caller's
 * transaction.
 *
 * Everything is indexed as it is now, so that to index it again does no harm: entries before which another commit may
 * still come are taken, but the place stays before them.
 */
export function* catchUp(dialect: Dialect, search: SearchDialect): Plan<CaughtUp> {
  const state = yield* lockState(dialect);
  const pending = yield* pendingEntries(dialect, state.place, MAX_ENTRIES);
  if (pending.length === 0) return { state, isDone: true };
  const batch = withinBytes(pending);
  const tidsOf = (...ops: readonly number[]): readonly number[] => [
    ...new Set(batch.filter(({ op }) => ops.includes(op)).map(({ tid }) => tid)),
  ];
  const purged = tidsOf(OP_CODES["thread.purge"]);
  const erasures = batch.filter(({ op }) => op === OP_CODES["message.redact"]);
  const commits = batch.filter(({ op }) => op === OP_CODES["message.commit"]);
  // An opened message is indexed with its commit, a queued one with its place.
  yield* writePlaced(dialect, search, stretchOf(dialect, state.place, batch));
  yield* writeNamed(dialect, search, namesOf(commits));
  const erased = yield* writeNamed(dialect, search, namesOf(erasures));
  yield* writeTitles(dialect, search, titlePlaces(batch));
  yield* removeLostTitles(erased);
  yield* writeReaders(
    dialect,
    tidsOf(OP_CODES["thread.create"], OP_CODES["member.set"], OP_CODES["member.remove"]),
  );
  if (purged.length > 0) {
    yield* removeTitles(purged);
    yield* removeReaders(purged);
  }
  yield* removeLost(dialect, tidsOf(OP_CODES["thread.purge"], OP_CODES["retention.trim"]));
  const settled = batch.findLast(({ isSettled }) => isSettled);
  const reached: SearchState = {
    place: settled?.place ?? state.place,
    newest: batch.reduce((most, { lsn }) => Math.max(most, lsn), state.newest),
  };
  yield* saveState(reached);
  const isDone = batch.length === pending.length && pending.length < MAX_ENTRIES;
  return { state: reached, isDone };
}

/** How far the index has come, and whether that is everything there is. */
export interface CaughtUp {
  readonly state: SearchState;
  readonly isDone: boolean;
}

function withinBytes(pending: readonly PendingEntry[]): readonly PendingEntry[] {
  let bytes = 0;
  const end = pending.findIndex(({ sizeBytes }) => (bytes += sizeBytes) > MAX_BYTES);
  return end === -1 ? pending : pending.slice(0, Math.max(1, end));
}

function stretchOf(dialect: Dialect, from: LogPlace, batch: readonly PendingEntry[]): Fragment {
  const start = behind(dialect, "e", from);
  const end = upTo(dialect, "e", batch.at(-1)?.place ?? from);
  return {
    sql: `${start.sql} AND ${end.sql}`,
    parameters: [...start.parameters, ...end.parameters],
  };
}

function namesOf(entries: readonly PendingEntry[]): readonly MessageName[] {
  return entries.flatMap(({ tenant, messageId }) =>
    messageId === null ? [] : [[tenant, messageId] as const],
  );
}

/** By thread, the last entry that brought a title. A trim stands for the entries that it removed. */
function titlePlaces(batch: readonly PendingEntry[]): ReadonlyMap<number, TitlePlace> {
  const bringing = batch.filter(
    ({ op, payload }) =>
      op === OP_CODES["thread.create"] ||
      op === OP_CODES["retention.trim"] ||
      (op === OP_CODES["thread.set"] && payload?.includes('"title":') === true),
  );
  return new Map(bringing.map(({ tid, version, lsn }) => [tid, { tid, version, lsn }]));
}
