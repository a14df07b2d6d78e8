import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Entry } from "../../model/entry.ts";
import type { ThreadProfile } from "../../model/thread.ts";
import type { ThreadKey } from "../key.ts";
import { corruptFile } from "./file-error.ts";
import { hollowUntil } from "./hollow.ts";
import { logPathOf } from "./layout.ts";
import { decodeLine } from "./log-line.ts";
import type { LogLine } from "./log-line.ts";

/** Where a line stands, in bytes without its line end. */
export interface LineRef {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly version: number;
  readonly commit: number;
  /** Before a purge or a trim, where only some lines are left. */
  readonly isHollow: boolean;
}

export interface TornEnd {
  readonly line: number;
  /** Where the log ends without it, in bytes. */
  readonly start: number;
  readonly bytes: number;
}

export interface LogScan {
  readonly path: string;
  /** `null` when not one line is whole. */
  readonly key: ThreadKey | null;
  readonly version: number;
  readonly commit: number;
  readonly lines: readonly LineRef[];
  /** What a crash left at the end: a line without its end, or a write without its last lines. */
  readonly torn: TornEnd | null;
}

/** Reads a whole log and proves it: every line's digest, one version after the other, the place of the file.
 *  @throws SkeinError  `store_corrupt` with file and line for anything but an end that a crash tore off */
export function scanLog(folder: string, path: string): LogScan {
  const bytes = readFileSync(join(folder, path));
  const { texts, end } = linesOf(bytes);
  const lines: LogLine[] = [];
  const refs: Omit<LineRef, "isHollow">[] = [];
  const gaps: { readonly line: number; readonly version: number }[] = [];
  for (const [index, { start, end: lineEnd }] of texts.entries()) {
    const line = decodeLine(bytes.toString("utf8", start, lineEnd));
    if ("fault" in line) throw corruptFile(path, line.fault, index + 1);
    const fault = faultOf(line, lines.at(-1));
    if (fault !== undefined) throw corruptFile(path, fault, index + 1);
    const { version } = line.entry;
    const before = lines.at(-1)?.entry.version;
    if (before !== undefined && version !== before + 1) gaps.push({ line: index + 1, version });
    lines.push(line);
    refs.push({ path, start, end: lineEnd, version, commit: line.note.commit });
  }
  const until = hollowUntil(lines);
  const gap = gaps.find(({ version }) => version > until);
  if (gap !== undefined) throw corruptFile(path, "versions are missing before it", gap.line);
  const whole = wholeWrites(lines);
  const key = keyOf(lines[0]);
  if (key !== null && logPathOf(key) !== path)
    throw corruptFile(path, `it is the log of thread ${key.id} of tenant ${key.tenant}`, 1);
  const tornStart = refs[whole]?.start ?? end;
  const last = lines[whole - 1];
  return {
    path,
    key: last === undefined ? null : key,
    version: last?.entry.version ?? 0,
    commit: last?.note.commit ?? 0,
    lines: refs.slice(0, whole).map((ref) => ({ ...ref, isHollow: ref.version < until })),
    torn:
      tornStart === bytes.length
        ? null
        : { line: whole + 1, start: tornStart, bytes: bytes.length - tornStart },
  };
}

/** Lines that have their end. Blocks that were never written read as NUL, which is in no line: there the file ends. */
function linesOf(bytes: Buffer): { readonly texts: readonly Stretch[]; readonly end: number } {
  const texts: Stretch[] = [];
  const nulAt = bytes.indexOf(0);
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(10, start);
    const isUnwritten = nulAt >= start && nulAt < end && end === bytes.length - 1;
    if (end === -1 || isUnwritten) return { texts, end: start };
    texts.push({ start, end });
    start = end + 1;
  }
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

function faultOf(line: LogLine, before: LogLine | undefined): string | undefined {
  const { entry, note } = line;
  if (before === undefined)
    return (entry.op === "thread.create" && entry.version === 1) || note.kept !== undefined
      ? undefined
      : "a log starts with thread.create at version 1";
  if (entry.threadId !== before.entry.threadId)
    return `it belongs to thread ${entry.threadId}, not to ${before.entry.threadId}`;
  if (entry.version <= before.entry.version)
    return `version ${entry.version} follows version ${before.entry.version}`;
  if (note.commit < before.note.commit)
    return `commit ${note.commit} follows commit ${before.note.commit}`;
  return undefined;
}

/** How many lines are left without the last write, if it has not all of its lines. */
function wholeWrites(lines: readonly LogLine[]): number {
  const last = lines.at(-1);
  const group = last?.note.group;
  if (last === undefined || group === undefined || group[1] === last.entry.version)
    return lines.length;
  return lines.findIndex(({ entry }) => entry.version >= group[0]);
}

function keyOf(first: LogLine | undefined): ThreadKey | null {
  const profile = profileIn(first?.entry);
  return profile === undefined ? null : { tenant: profile.tenant, id: profile.id };
}

function profileIn(entry: Entry | undefined): ThreadProfile | undefined {
  if (entry?.op === "retention.trim") return entry.data.snapshot.profile;
  return entry?.op === "thread.create" ? entry.data.profile : undefined;
}
