import type { Cell } from "../sql/cell.ts";
import { OP_CODES } from "../sql/codes.ts";
import { ENTRY_COLUMNS } from "../sql/records.ts";
import type { ChainRecord, OperationRecord, RareRecord, WriteRecord } from "../sql/records.ts";

/** What a chain leaves behind, as rows: all its items are one write to one thread. */
export interface QuickChain {
  readonly tenant: string;
  readonly id: string;
  /** 0 = the thread is new. */
  readonly base: number;
  /** The head after the last item. */
  readonly last: WriteRecord;
  /** Whether the preview is that of before, which may have been erased meanwhile. */
  readonly isKept: boolean;
  /** Rows in the order of `ENTRY_COLUMNS`, and the version that has the content of each that was opened here. */
  readonly entries: readonly { readonly row: readonly Cell[]; readonly body: number | null }[];
  readonly profile: NonNullable<RareRecord["profile"]> | undefined;
  readonly listing: NonNullable<RareRecord["profile"]>["listing"];
  readonly runs: readonly (readonly Cell[])[];
  readonly steps: readonly (readonly Cell[])[];
  readonly branches: ReadonlyMap<string, string>;
  readonly given: readonly (readonly [id: string, version: number | null])[];
  readonly operations: readonly OperationRecord[];
  readonly segments: RareRecord["segments"];
  readonly blobs: RareRecord["blobs"];
  /** Messages that were opened before and have their final content now. */
  readonly commits: readonly { readonly messageId: string; readonly version: number }[];
  /** Whether all items are stale if the statement does not write the chain. */
  readonly isClear: boolean;
}

const OP = ENTRY_COLUMNS.indexOf("op");
const MID = ENTRY_COLUMNS.indexOf("mid");

/** The chain as one write; `undefined` if it holds what needs more than one statement. */
export function quickChainOf(chain: ChainRecord): QuickChain | undefined {
  const writes = chain.flat();
  const [first] = writes;
  const last = writes.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const rare = writes.flatMap((write) => write.rare ?? []);
  const isOneThread = writes.every(({ tenant, id }) => tenant === first.tenant && id === first.id);
  if (!isOneThread || !rare.every((record) => isQuick(record, first))) return undefined;
  const rows = writes.flatMap(({ entries }) => entries);
  const bodies = new Map<Cell | undefined, number>();
  const opened = new Set(
    rows.filter((row) => row[OP] === OP_CODES["message.open"]).map((row) => row[MID]),
  );
  const commits = rare.flatMap(({ changes }) => changes);
  for (const { messageId, version } of commits)
    if (opened.has(messageId)) bodies.set(messageId, version);
  const isOne = chain.length === 1;
  const isOpening = (row: readonly Cell[]): boolean => row[OP] === OP_CODES["message.open"];
  return {
    tenant: first.tenant,
    id: first.id,
    base: first.base,
    last,
    isKept: last.kept !== undefined,
    entries: rows.map((row) => ({
      row,
      body: isOpening(row) ? (bodies.get(row[MID]) ?? null) : null,
    })),
    profile: rare.findLast(({ profile }) => profile !== undefined)?.profile,
    listing: rare.findLast(({ profile }) => profile?.listing !== undefined)?.profile?.listing,
    runs: lastRuns(rare),
    steps: [
      ...keyed(
        rare.flatMap(({ steps }) => steps),
        2,
      ).values(),
    ],
    branches: new Map(rare.flatMap(({ branches }) => branches)),
    given: rare.flatMap(({ given }) => given),
    operations: rare.flatMap(({ operation }) => operation ?? []),
    segments: rare.flatMap(({ segments }) => segments),
    blobs: rare.flatMap(({ blobs }) => blobs),
    commits: commits.filter(({ messageId }) => !opened.has(messageId)),
    isClear: last.kept === undefined && commits.length === 0 && (isOne || rare.length === 0),
  };
}

/** Whether one statement can write it. What this does not name is left to the long way. */
function isQuick(record: RareRecord, { id, base }: WriteRecord): boolean {
  const { profile, segments, origin, removedBranches, changes, isPurge, ...others } = record;
  const {
    runs: _1,
    steps: _2,
    branches: _3,
    given: _4,
    operation: _5,
    blobs: _6,
    ...rest
  } = others;
  return (
    Object.keys(rest).length === 0 &&
    (profile?.listing === undefined || base === 0) &&
    origin === undefined &&
    removedBranches.length === 0 &&
    changes.every(({ kind }) => kind === "commit") &&
    segments.every(({ parent }) => parent === null || parent.threadId === id) &&
    !isPurge
  );
}

/** A run that ended lets go of its branch before another one takes it. */
function lastRuns(rare: readonly RareRecord[]): readonly (readonly Cell[])[] {
  const runs = [
    ...keyed(
      rare.flatMap((record) => record.runs),
      1,
    ).values(),
  ];
  return runs.toSorted((a, b) => Number(b[ENDED]) - Number(a[ENDED]));
}

const ENDED = 5;

/** The last row of each key, which is its first columns. */
function keyed(
  rows: readonly (readonly Cell[])[],
  width: number,
): ReadonlyMap<string, readonly Cell[]> {
  return new Map(rows.map((row) => [JSON.stringify(row.slice(0, width)), row]));
}
