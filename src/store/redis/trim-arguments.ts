import type { Entry } from "../../model/entry.ts";
import { ENTRY_SCHEMA } from "../../model/entry.ts";
import type { PathEnd } from "../../model/message.ts";
import type { KeptMessage, ThreadWrite } from "../store.ts";
import { countCallActions } from "./call-actions.ts";
import { givenIdsOf } from "./earlier-arguments.ts";
import { encodeEntry, entryArguments } from "./encode-entry.ts";
import { messageArguments } from "./message-arguments.ts";
import { nameOf } from "./names.ts";

/** The end of a path, and the depth of its floor. */
export function endArguments({ segment, position, floor }: PathEnd): readonly string[] {
  return [
    nameOf(segment.threadId),
    String(segment.number),
    String(position),
    String(floor?.depth ?? 0),
  ];
}

/** The thread that a fork is made of, and the version that it is known at. Nothing for what comes from another store: there
 *  the origin was brought with all that its forks have. */
export function originArguments({ entries, kept }: ThreadWrite): readonly string[] {
  const [first] = entries;
  const from = first?.op === "thread.create" && kept === undefined ? first.data.from : undefined;
  return from === undefined ? ["", "0"] : [nameOf(from.threadId), String(from.version)];
}

/** What a trim keeps: the script's verb. */
export function trimArguments({ after, kept }: ThreadWrite): readonly string[] {
  const branches = Object.values(after.branches);
  const { queued, runs } = after.activity;
  return [
    "trim",
    String(after.version),
    String(queued.length + countCallActions(runs)),
    kept === undefined ? "0" : "1",
    String(branches.length),
    ...branches.flatMap(endArguments),
  ];
}

/** What a thread has of before its log, as if it had been said at once. */
export function keptArguments(write: ThreadWrite): readonly string[] {
  const { key, kept = [] } = write;
  const givenIds = givenIdsOf(write);
  return kept.flatMap((it) => {
    const entry = entryOf(key.id, it);
    const id = nameOf(it.message.id);
    return [
      ...entryArguments(entry, encodeEntry(entry)),
      ...messageArguments(entry, givenIds, () => undefined),
      ...(it.message.redacted === true ? ["redact", id] : []),
      ...(it.isReleased === true ? ["release", id] : []),
    ];
  });
}

function entryOf(threadId: string, { message, place }: KeptMessage): Entry {
  const {
    threadId: _thread,
    parentId: _parent,
    turnId: _turn,
    depth: _depth,
    version,
    createdAt: at,
    redacted: _redacted,
    ...body
  } = message;
  const common = { threadId, version, at, actor: "system", opId: "", schema: ENTRY_SCHEMA };
  if (place === null)
    return { ...common, op: "message.enqueue", data: { message: body, branch: "" } };
  const op = message.status === "in_progress" ? "message.open" : "message.append";
  return { ...common, op, data: { message: body, place } };
}
