import { bareProfile } from "../../model/bare-profile.ts";
import type { Entry, EntryOf, Op } from "../../model/entry.ts";
import type { MessageBody, Place } from "../../model/message.ts";
import { EMPTY_ACTIVITY } from "../../model/thread.ts";
import type { KeptMessage } from "../trim.ts";
import { messageIdOf } from "../memory/fold-message.ts";
import type { ReadLine } from "./erasure.ts";
import type { LogLine } from "./log-line.ts";

/** Says nothing but when the thread was there. */
const LIFETIME: readonly Op[] = ["thread.delete", "thread.undelete", "thread.purge"];
const RUNS: readonly Op[] = ["run.start", "run.update", "run.end", "step.start", "step.end"];

/** Ops that still count in the part of a log that a trim or a purge has hollowed out. */
export const HOLLOW_OPS: ReadonlySet<Op> = new Set([...LIFETIME, ...RUNS]);

export interface Hollowing {
  /** What is before this version goes. */
  readonly until: number;
  /** A purge takes runs and idempotency keys along; a trim does not. */
  readonly isPurge: boolean;
  /** Whether the message is still there, for this thread or another one. */
  readonly exists: (messageId: string) => boolean;
}

/** The version up to which a log may lack lines: that of its purge, else of its newest trim; 0 when there is none. */
export function hollowUntil(lines: readonly LogLine[]): number {
  const last = lines.at(-1)?.entry;
  if (last?.op === "thread.purge") return last.version;
  return lines.findLast(({ entry }) => entry.op === "retention.trim")?.entry.version ?? 0;
}

/** The lines without what a trim or a purge has let go of; `null` in the place of a line that goes. What stays is enough
 *  to make the index again: the index lets go of the rest once more when it gets to the trim or the purge. */
export function hollowed(
  lines: readonly ReadLine[],
  hollowing: Hollowing,
): readonly (LogLine | null)[] {
  const { until, isPurge, exists } = hollowing;
  const frames = framesIn(lines, hollowing);
  return lines.map((line) => {
    const { entry } = line;
    if (entry.version > until || (entry.version === until && !isPurge)) return line;
    if (isBare(line)) return line;
    const left = leftOf(line, isPurge, exists, frames);
    if (left !== null || isPurge || line.note.operation === undefined) return left;
    // The idempotency key stays, and says nothing of what was done.
    return removed(line);
  });
}

function leftOf(
  line: ReadLine,
  isPurge: boolean,
  exists: (messageId: string) => boolean,
  frames: ReadonlySet<string>,
): LogLine | null {
  const { entry } = line;
  const { group: _group, operation, earlier, ...rest } = line.note;
  const promised = { ...(operation && { operation }), ...(earlier && { earlier }) };
  const note = isPurge ? rest : { ...rest, ...promised };
  const erased = { sha256: note.erased?.sha256 ?? line.sha256 };
  if (LIFETIME.includes(entry.op)) return { entry, note };
  if (entry.op === "thread.create")
    return { entry: bareCreation(entry), note: { ...note, erased } };
  if (entry.op === "retention.trim") {
    // A log that came from elsewhere begins with it.
    if (note.kept === undefined) return null;
    const kept = note.kept.map((it) => (exists(it.message.id) ? it : bareKept(it)));
    return { entry: bareTrim(entry), note: { ...note, kept, erased } };
  }
  if (RUNS.includes(entry.op)) return isPurge ? null : { entry, note };
  const id = messageIdOf(entry);
  if (id === undefined) return null;
  if (exists(id)) return { entry, note };
  if (!frames.has(id)) return null;
  const bare = bareEntry(entry);
  return bare && { entry: bare, note: { ...note, erased } };
}

/** Messages that are gone, and without which others would not be in their place: the first of a segment, and the one
 *  before another; and those whose id must not be used again. */
function framesIn(lines: readonly ReadLine[], { isPurge, exists }: Hollowing): ReadonlySet<string> {
  const at = new Map<string, string>();
  for (const { entry } of lines) {
    const place = placeOf(entry);
    const id = messageIdOf(entry);
    if (place !== undefined && id !== undefined) at.set(placeName(place, place.position), id);
  }
  const frames = new Set<string>();
  for (const { entry, note } of lines) {
    const id = messageIdOf(entry);
    if (id === undefined) continue;
    if (note.given === true && !isPurge) frames.add(id);
    const place = placeOf(entry);
    if (place === undefined || !exists(id)) continue;
    for (const position of [1, place.position - 1]) {
      const frame = at.get(placeName(place, position));
      if (frame !== undefined) frames.add(frame);
    }
  }
  return frames;
}

function placeName({ segment }: Place, position: number): string {
  return `${segment.number}.${position}`;
}

export function placeOf(entry: Entry): Place | undefined {
  return entry.op === "message.append" ||
    entry.op === "message.open" ||
    entry.op === "message.dequeue"
    ? entry.data.place
    : undefined;
}

/** What a line becomes of which only the note counts. */
function removed({ entry, note, sha256 }: ReadLine): LogLine {
  const { threadId, version, actor, at, opId, schema } = entry;
  const { group: _group, ...rest } = note;
  return {
    entry: { threadId, version, op: "custom", data: { name: REMOVED }, actor, at, opId, schema },
    note: { ...rest, erased: { sha256: note.erased?.sha256 ?? sha256 } },
  };
}

const REMOVED = "removed";

function isBare({ entry, note }: LogLine): boolean {
  return entry.op === "custom" && entry.data.name === REMOVED && note.erased !== undefined;
}

/** Where a message stood, and nothing of what it said or who said it. */
function bareEntry(entry: Entry): Entry | null {
  if (entry.op === "message.dequeue") return entry;
  if (entry.op === "message.append")
    return { ...entry, data: { ...entry.data, message: bareMessage(entry.data.message) } };
  if (entry.op === "message.open")
    return { ...entry, data: { ...entry.data, message: bareMessage(entry.data.message) } };
  if (entry.op === "message.enqueue")
    return { ...entry, data: { ...entry.data, message: bareMessage(entry.data.message) } };
  return null;
}

function bareMessage({ id, role, status, runId }: MessageBody): MessageBody {
  return { id, role, status, parts: [], ...(runId !== undefined && { runId }) };
}

/** A segment's first message says where the segment goes on, so none is left out. */
function bareKept({ message, ...rest }: KeptMessage): KeptMessage {
  const { id, role, status, threadId, parentId, turnId, depth, version, createdAt } = message;
  const bare = { id, role, status, threadId, parentId, turnId, depth, version, createdAt };
  return { ...rest, message: { ...bare, parts: [] } };
}

function bareCreation(entry: EntryOf<"thread.create">): Entry {
  const { profile, from } = entry.data;
  const origin = from && { from: { ...from, lastMessage: null } };
  return { ...entry, data: { profile: bareProfile(profile), ...origin } };
}

function bareTrim(entry: EntryOf<"retention.trim">): Entry {
  const profile = bareProfile(entry.data.snapshot.profile);
  const snapshot = { profile, activity: EMPTY_ACTIVITY, branches: {} };
  return { ...entry, data: { ...entry.data, snapshot } };
}
