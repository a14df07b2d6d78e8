import { replay } from "../../model/apply.ts";
import type { Entry } from "../../model/entry.ts";
import { messageOf } from "../../model/entry.ts";
import { blobsOfRecord, fileReference } from "../../model/file-change.ts";
import { canonicalJson } from "../../model/json.ts";
import type { Place } from "../../model/message.ts";
import { isEnded } from "../../model/run-transitions.ts";
import type { Run, Step } from "../../model/run.ts";
import { MAIN } from "../../model/thread.ts";
import type { BranchHead, ThreadHead, ThreadProfile } from "../../model/thread.ts";
import { agendaOf } from "../run-agenda.ts";
import type { ThreadWrite } from "../store.ts";
import type { Cell } from "./cell.ts";
import { blobsIn } from "./blobs-in.ts";
import { encodeTrim } from "./encode-trim.ts";
import { encodeProfile } from "./head-codec.ts";
import type { MessageChange, ProfileRecord, RareRecord, SegmentRecord } from "./records.ts";

/** Collects what a write is beyond appends to a segment; `null` when it is nothing else. */
export function encodeRare(write: ThreadWrite): RareRecord | null {
  const { before, after, operation, earlier } = write;
  const entries = write.entries.filter((entry) => !isPlainAppend(entry));
  const profile = encodeProfileChange(before, after);
  const branches = changedBranches(before, after);
  const removedBranches = Object.keys(before?.branches ?? {}).filter(
    (name) => name !== MAIN && !Object.hasOwn(after.branches, name),
  );
  const runs = before?.activity.runs === after.activity.runs ? [] : encodeRuns(write);
  const given = encodeGiven(write);
  const parts = [entries, branches, removedBranches, runs, given];
  const isNothing = parts.every(({ length }) => length === 0);
  if (isNothing && profile === undefined && operation === undefined) return null;
  const origin = originOf(write);
  const trim = encodeTrim(write);
  return {
    ...(profile !== undefined && { profile }),
    ...(origin !== undefined && { origin }),
    ...(trim !== undefined && { trim }),
    ...(operation !== undefined && { operation }),
    segments: entries.flatMap(segmentOf),
    runs: [...(earlier?.runs ?? []).map((run) => runRow(run, 0)), ...runs],
    steps: [...(earlier?.steps ?? []).map(stepRow), ...encodeSteps(entries)],
    branches: branches.map((branch) => [branch.name, JSON.stringify(branch)]),
    removedBranches,
    changes: entries.flatMap(changeOf),
    given,
    blobs: entries.flatMap(blobsOf),
    isPurge: entries.some(({ op }) => op === "thread.purge"),
  };
}

function changedBranches(before: ThreadHead | null, after: ThreadHead): readonly BranchHead[] {
  return Object.values(after.branches).filter(
    (branch) => branch.name !== MAIN && before?.branches[branch.name] !== branch,
  );
}

/** An append in the middle of a segment, without files: its row says all. */
function isPlainAppend(entry: Entry): boolean {
  return (
    entry.op === "message.append" &&
    segmentOf(entry).length === 0 &&
    !entry.data.message.parts.some(({ type }) => type === "file")
  );
}

function encodeProfileChange(
  before: ThreadHead | null,
  after: ThreadHead,
): ProfileRecord | undefined {
  const { profile } = after;
  if (before?.profile === profile) return undefined;
  const columns = encodeProfile(profile);
  const isListedAnew = before === null || listingKey(before.profile) !== listingKey(profile);
  if (!isListedAnew) return { columns };
  const { owner, members } = profile;
  return { columns, listing: { owner, state: stateOf(profile), members: Object.entries(members) } };
}

function listingKey(profile: ThreadProfile): string {
  return canonicalJson([profile.owner, stateOf(profile), profile.members]);
}

/** Lists are kept apart: 1 = archived, 2 = deleted, 3 = both. A purged thread is in none. */
export function stateOf({ archivedAt, deletedAt, purgedAt }: ThreadProfile): number | null {
  if (purgedAt !== null) return null;
  return (archivedAt === null ? 0 : 1) + (deletedAt === null ? 0 : 2);
}

function placeOf(entry: Entry): Place | undefined {
  return entry.op === "message.append" ||
    entry.op === "message.open" ||
    entry.op === "message.dequeue"
    ? entry.data.place
    : undefined;
}

function segmentOf(entry: Entry): readonly SegmentRecord[] {
  const place = placeOf(entry);
  if (place === undefined || place.position !== 1) return [];
  const { segment, continues, depth } = place;
  if (segment.number === 0 && depth === 0) return [];
  const parent =
    continues === undefined ? null : { ...continues.segment, position: continues.position };
  return [{ number: segment.number, startDepth: depth, parent }];
}

function originOf({ entries: [entry], kept }: ThreadWrite): RareRecord["origin"] {
  if (entry?.op !== "thread.create" || entry.data.from === undefined) return undefined;
  const { threadId: id, version, head } = entry.data.from;
  const { threadId, number } = head.segment;
  const floorDepth = head.floor?.depth ?? 0;
  const { tenant } = entry.data.profile;
  const from = kept === undefined ? { id, version } : null;
  return { tenant, threadId, number, position: head.position, floorDepth, from };
}

/** Rows of the runs that the write changed, ended ones first. */
function encodeRuns({
  entries,
  before,
  after,
}: Pick<ThreadWrite, "entries" | "before" | "after">): readonly (readonly Cell[])[] {
  const old = new Map((before?.activity.runs ?? []).map((run) => [run.id, run]));
  const now = new Map<string, Run>(old);
  const changed = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (entry.op === "run.start") changed.add(entry.data.run.id);
    if (entry.op !== "run.end") continue;
    const { runId, run: change } = entry.data;
    const head = replay(entries.slice(0, index), before);
    const run = head?.activity.runs.find(({ id }) => id === runId);
    if (run === undefined) continue;
    now.set(runId, { ...run, ...change });
    changed.add(runId);
  }
  for (const run of after.activity.runs) {
    if (old.get(run.id) !== run) changed.add(run.id);
    now.set(run.id, run);
  }
  return [...changed]
    .map((id) => now.get(id))
    .filter((run) => run !== undefined)
    .sort((a, b) => Number(isEnded(b.status)) - Number(isEnded(a.status)))
    .map((run) => runRow(run, after.activity.holds[run.branch] === run.id ? 1 : 0));
}

export function runRow(run: Run, holds: 0 | 1): readonly Cell[] {
  const { id, status, branch, createdAt } = run;
  const marks = [holds, isEnded(status) ? 1 : 0, ...agendaCells(run)];
  return [id, status, branch, createdAt, ...marks, JSON.stringify(run)];
}

/** When a run is due, and whether it waits for one that it called. */
export function agendaCells(run: Run): readonly [dueAt: number | null, calls: number] {
  const { dueAt, isCalling } = agendaOf(run, false);
  return [dueAt, isCalling ? 1 : 0];
}

function encodeSteps(entries: readonly Entry[]): readonly (readonly Cell[])[] {
  return entries.flatMap((entry) =>
    entry.op === "step.start" || entry.op === "step.end" ? [stepRow(entry.data.step)] : [],
  );
}

export function stepRow(step: Step): readonly Cell[] {
  return [step.runId, step.id, step.segment ?? 0, JSON.stringify(step)];
}

function changeOf(entry: Entry): readonly MessageChange[] {
  const { version } = entry;
  switch (entry.op) {
    case "message.commit":
      return [{ kind: "commit", messageId: entry.data.messageId, version }];
    case "message.dequeue":
      return [{ kind: "dequeue", messageId: entry.data.messageId, version }];
    case "message.redact":
      return [{ kind: "redact", messageId: entry.data.messageId, version }];
    case "message.annotate": {
      const { messageId, values } = entry.data;
      return [{ kind: "annotate", messageId, version, values: JSON.stringify(values) }];
    }
    case "approval.request":
      return quotation(entry.data.action.callMessageId, version);
    case "approval.decide":
      return quotation(entry.data.callMessageId, version);
    default:
      return [];
  }
}

function quotation(messageId: string | undefined, version: number): readonly MessageChange[] {
  return messageId === undefined ? [] : [{ kind: "quote", messageId, version }];
}

/** The ids that the caller chose, with the entry that brings each; none where the write only claims it. */
function encodeGiven({ entries, givenIds }: ThreadWrite): RareRecord["given"] {
  if (givenIds.length === 0) return [];
  const versions = new Map(entries.map((entry) => [messageOf(entry)?.id, entry.version]));
  return givenIds.map((id) => [id, versions.get(id) ?? null]);
}

function blobsOf(entry: Entry): RareRecord["blobs"] {
  if (entry.op === "message.commit") return blobsIn(entry.data.parts, entry.data.messageId);
  if (entry.op === "file.change" || entry.op === "file.rollback") {
    const reference = fileReference(entry.version);
    return blobsOfRecord(entry.data).map((sha256) => [sha256, reference] as const);
  }
  const message = messageOf(entry);
  return message === undefined ? [] : blobsIn(message.parts, message.id);
}
