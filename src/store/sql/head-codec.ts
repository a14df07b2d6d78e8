import { dueAtOf } from "../../model/lifetime.ts";
import { EMPTY_ACTIVITY, MAIN, statusOf } from "../../model/thread.ts";
import type { BranchHead, ThreadActivity, ThreadHead, ThreadProfile } from "../../model/thread.ts";
import { numberAt, numberOrNullAt, parseStored, textAt, textOrNullAt } from "./cell.ts";
import type { Cell, Row } from "./cell.ts";
import { STATUS_CODES } from "./codes.ts";
import { withoutDefaults } from "./sparse.ts";

/** The columns of `thread` (as `t`) and `head` (as `h`) that make a head, in the order that `decodeHead` reads. */
export const HEAD_COLUMNS: string = `t.tid, t.tenant, t.id, t.owner, t.title, t.agent_id, t.kind, t.created_at,
  t.archived_at, t.deleted_at, t.purged_at, t.profile, h.version, h.updated_at, h.hot`;

/** The part of a head that every commit writes, as JSON without defaults. */
interface Hot extends Partial<ThreadActivity> {
  readonly main?: Partial<BranchHead>;
  /** Branches beside main; they have rows of their own. */
  readonly others?: number;
}

export interface HotRecord {
  readonly updatedAt: number;
  readonly status: number;
  readonly hot: string;
}

/** What changes with each message. */
export function encodeHot({ profile, activity, branches }: ThreadHead): HotRecord {
  const { updatedAt } = activity;
  const hot = withoutDefaults(activity, { ...EMPTY_ACTIVITY, updatedAt });
  const main = branches[MAIN];
  if (main !== undefined) hot["main"] = withoutDefaults(main, mainDefaults(profile));
  const others = Object.keys(branches).length - 1;
  if (others > 0) hot["others"] = others;
  return { updatedAt, status: STATUS_CODES[statusOf(activity)], hot: JSON.stringify(hot) };
}

/** The columns of `thread` behind tenant and id: owner, title, agent, kind, four times, where the log begins,
 *  what it was forked from, when its time is over, profile. */
export function encodeProfile(profile: ThreadProfile): readonly Cell[] {
  const { id: _id, tenant: _tenant, owner, title, agentId, kind, ...rest } = profile;
  const { createdAt, archivedAt, deletedAt, purgedAt, ...others } = rest;
  const oldest = others.trim?.version ?? null;
  const origin = others.forkedFrom?.threadId ?? null;
  const sparse = JSON.stringify(withoutDefaults(others, PROFILE_DEFAULTS));
  const times = [createdAt, archivedAt, deletedAt, purgedAt];
  return [owner, title, agentId, kind, ...times, oldest, origin, dueAtOf(profile), sparse];
}

const PROFILE_DEFAULTS = { titleSource: "auto", metadata: {}, tags: [], members: {} } as const;

/** Where the columns stand that others look at too. */
export const VERSION = 12;
export const HOT = 14;
/** How many columns there are. */
export const HEAD_WIDTH = 15;

/** Whether the thread of a row has branches beside main, which have rows of their own. */
export function hasOthers(row: Row): boolean {
  // A quotation mark inside of a text is escaped.
  return textAt(row, HOT).includes('"others":');
}

/** The head in a row of `HEAD_COLUMNS`.
 *  @param others  the JSON of the branches beside main */
export function decodeHead(row: Row, others: readonly string[]): ThreadHead {
  const profile = decodeProfile(row);
  const { main, others: _count, ...activity } = parseStored<Hot>(textAt(row, HOT));
  const branches: Record<string, BranchHead> = {};
  if (main !== undefined) branches[MAIN] = { ...mainDefaults(profile), ...main };
  for (const other of others) {
    const branch = parseStored<BranchHead>(other);
    branches[branch.name] = branch;
  }
  return {
    version: numberAt(row, VERSION),
    profile,
    activity: { ...EMPTY_ACTIVITY, ...activity, updatedAt: numberAt(row, 13) },
    branches,
  };
}

function decodeProfile(row: Row): ThreadProfile {
  return {
    ...PROFILE_DEFAULTS,
    ...parseStored<Partial<ThreadProfile>>(textAt(row, 11)),
    id: textAt(row, 2),
    tenant: textAt(row, 1),
    owner: textAt(row, 3),
    title: textOrNullAt(row, 4),
    agentId: textOrNullAt(row, 5),
    kind: textAt(row, 6),
    createdAt: numberAt(row, 7),
    archivedAt: numberOrNullAt(row, 8),
    deletedAt: numberOrNullAt(row, 9),
    purgedAt: numberOrNullAt(row, 10),
  };
}

function mainDefaults({ id, createdAt }: ThreadProfile): Omit<BranchHead, "position" | "count"> & {
  readonly position: 0;
  readonly count: 0;
} {
  return {
    name: MAIN,
    segment: { threadId: id, number: 0 },
    position: 0,
    messageId: null,
    count: 0,
    turnId: null,
    isTip: true,
    pending: [],
    reason: "main",
    createdAt,
  };
}
