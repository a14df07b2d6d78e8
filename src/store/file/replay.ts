import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { apply } from "../../model/apply.ts";
import { ENTRY_SCHEMA, messageOf } from "../../model/entry.ts";
import type { Entry } from "../../model/entry.ts";
import { SkeinError } from "../../model/error.ts";
import { text } from "../../model/part.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { ThreadKey } from "../key.ts";
import type { CommitItem, Store, ThreadWrite } from "../store.ts";
import { corruptFile } from "./file-error.ts";
import { HOLLOW_OPS } from "./hollow.ts";
import { decodeLine } from "./log-line.ts";
import type { LogLine } from "./log-line.ts";
import type { LineRef, LogScan } from "./scan-log.ts";

const LINES_AT_ONCE = 500;

/** Commits lines of logs to the index, in the order in which they were committed first. */
export async function replayLogs(
  folder: string,
  index: Store,
  scans: readonly LogScan[],
  versions: ReadonlyMap<string, number>,
): Promise<void> {
  const keys = new Map(scans.map(({ path, key }) => [path, key]));
  const lines = scans
    .flatMap(({ path, lines: all }) => {
      const known = versions.get(path) ?? 0;
      return known === 0 ? all : all.filter(({ version }) => version > known);
    })
    .sort((a, b) => a.commit - b.commit);
  for (let start = 0; start < lines.length;) {
    let end = Math.min(start + LINES_AT_ONCE, lines.length);
    // A commit is never divided.
    while (end < lines.length && lines[end]?.commit === lines[end - 1]?.commit) end += 1;
    await replayBatch(folder, index, lines.slice(start, end), keys);
    start = end;
  }
}

async function replayBatch(
  folder: string,
  index: Store,
  refs: readonly LineRef[],
  keys: ReadonlyMap<string, ThreadKey | null>,
): Promise<void> {
  const paths = [...new Set(refs.map(({ path }) => path))];
  const found = paths.map((path) => keys.get(path) ?? { tenant: "", id: "" });
  const loaded = await index.loadHeads(found);
  const heads = new Map(paths.map((path, at) => [path, loaded[at] ?? null]));
  const lines = readLines(folder, refs);
  const items: CommitItem[] = [];
  for (const write of writesIn(refs)) {
    const path = write[0]?.path ?? "";
    const key = keys.get(path) ?? { tenant: "", id: "" };
    for (const made of writesOf(key, heads.get(path) ?? null, write, lines)) {
      items.push({ writes: [made] });
      heads.set(path, made.after);
    }
  }
  const results = await index.commit([items]);
  if (results.flat().some((result) => result !== "committed"))
    throw new SkeinError("internal", `The index of ${folder} does not follow the logs.`);
}

/** Lines that were written together, as far as they are still there without a gap. */
function writesIn(refs: readonly LineRef[]): readonly (readonly LineRef[])[] {
  const writes: LineRef[][] = [];
  const newest = new Map<string, LineRef[]>();
  for (const ref of refs) {
    const write = newest.get(ref.path);
    const last = write?.at(-1);
    if (write !== undefined && last?.commit === ref.commit && last.version + 1 === ref.version)
      write.push(ref);
    else {
      const begun = [ref];
      newest.set(ref.path, begun);
      writes.push(begun);
    }
  }
  return writes;
}

/** What the lines say, behind fillers where lines are missing. */
function writesOf(
  key: ThreadKey,
  before: ThreadHead | null,
  refs: readonly LineRef[],
  lines: ReadonlyMap<LineRef, LogLine>,
): readonly ThreadWrite[] {
  const said = refs.flatMap((ref) => lines.get(ref) ?? []);
  const [first] = said;
  if (first === undefined) return [];
  const filler = before && fillerOf(key, before, first.entry);
  const base = filler?.after ?? before;
  let after = base;
  for (const line of said) after = headAfter(after, line, refs[0]?.isHollow ?? false);
  if (after === null) return [];
  const { operation, kept, earlier } = first.note;
  const write = {
    key,
    base: base?.version ?? 0,
    entries: said.map(({ entry }) => entry),
    before: base,
    after,
    givenIds: said.flatMap(givenIdsOf),
    ...(operation && { operation }),
    ...(kept && { kept }),
    ...(earlier && { earlier }),
  };
  return filler ? [filler, write] : [write];
}

function givenIdsOf({ entry, note }: LogLine): readonly string[] {
  const id = note.given === true ? messageOf(entry)?.id : undefined;
  return [...(note.givenIds ?? []), ...(id === undefined ? [] : [id])];
}

/** In the place of lines that went with a purge or a trim, up to the one that is there; goes with that of the index. */
function fillerOf(key: ThreadKey, before: ThreadHead, next: Entry): ThreadWrite | null {
  const { threadId, at, actor, opId } = next;
  const count = next.version - before.version - 1;
  if (count <= 0) return null;
  const entries = Array.from({ length: count }, (_none, index): Entry => {
    const version = before.version + index + 1;
    const data = { name: "removed" };
    return { threadId, version, op: "custom", data, actor, at, opId, schema: ENTRY_SCHEMA };
  });
  const after = { ...before, version: next.version - 1 };
  return { key, base: before.version, entries, before, after, givenIds: [] };
}

function headAfter(head: ThreadHead | null, line: LogLine, isHollow: boolean): ThreadHead {
  const { entry } = line;
  // What is left says too little of messages to be folded. The trim or the purge says how it ends.
  if (isHollow && head !== null && !HOLLOW_OPS.has(entry.op))
    return { ...head, version: entry.version };
  return apply(head, foldable(line));
}

/** The entry as it was, as far as heads are concerned: erased text was a preview until it was erased. */
function foldable({ entry, note }: LogLine): Entry {
  if (note.erased?.hadText !== true) return entry;
  const parts = [text("…")];
  if (entry.op === "message.commit") return { ...entry, data: { ...entry.data, parts } };
  if (entry.op === "message.append") {
    const { message, place } = entry.data;
    return { ...entry, data: { message: { ...message, parts }, place } };
  }
  if (entry.op === "message.enqueue")
    return { ...entry, data: { ...entry.data, message: { ...entry.data.message, parts } } };
  return entry;
}

function readLines(folder: string, refs: readonly LineRef[]): ReadonlyMap<LineRef, LogLine> {
  const lines = new Map<LineRef, LogLine>();
  for (const inFile of groupsOf(refs, ({ path }) => path)) {
    const path = inFile[0]?.path ?? "";
    const file = openSync(join(folder, path), "r");
    try {
      for (const ref of inFile) {
        const bytes = Buffer.alloc(ref.end - ref.start);
        readSync(file, bytes, 0, bytes.length, ref.start);
        const line = decodeLine(bytes.toString("utf8"));
        if ("fault" in line) throw corruptFile(path, line.fault);
        lines.set(ref, line);
      }
    } finally {
      closeSync(file);
    }
  }
  return lines;
}

/** Items with the same name together, in the order of their first. */
function groupsOf<T>(items: readonly T[], nameOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
