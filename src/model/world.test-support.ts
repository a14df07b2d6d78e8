import type { Command } from "./command.ts";
import type { DecideContext } from "./decide/draft.ts";
import { decide } from "./decide/decide.ts";
import { needs } from "./decide/needs.ts";
import type { Entry, ForkOrigin } from "./entry.ts";
import { isSkeinError } from "./error.ts";
import type { SkeinError } from "./error.ts";
import type { Facts, MessageFact, Need } from "./facts.ts";
import { isInstruction } from "./message.ts";
import type { Floor, MessageBody, Place, SegmentRef } from "./message.ts";
import { answeredIdsOf, callIdsOf } from "./part.ts";
import type { Part } from "./part.ts";
import type { BranchHead, LastMessage, ThreadHead } from "./thread.ts";
import { preview } from "./title.ts";

/** Several threads and every message in them, read naively: whatever is asked is answered by walking parents. What
 *  `decide` and `apply` make of the same log is judged against it. */
export interface World {
  readonly logs: Log[];
  readonly nodes: Map<string, Node>;
  /** Message ids by segment and position. */
  readonly places: Map<string, string>;
}

export interface Log {
  readonly id: string;
  readonly origin: ForkOrigin | undefined;
  readonly entries: Entry[];
  /** Messages that trims have let go of. */
  readonly gone: Set<string>;
  /** The head after each version; the newest is last. */
  readonly heads: ThreadHead[];
}

export interface Node {
  readonly threadId: string;
  readonly message: MessageBody;
  /** `null` while queued. */
  readonly place: Place | null;
  readonly at: number;
  /** Calls made and answered; redaction erases them in the message, but not that they were made. */
  readonly calls: readonly string[];
  readonly answers: readonly string[];
  readonly isRedacted: boolean;
  readonly isDiscarded: boolean;
}

/** A command, and what became of it. */
export interface Step {
  readonly log: Log;
  readonly command: Command;
  readonly facts: Facts;
  readonly context: DecideContext;
  readonly before: ThreadHead | null;
  readonly after: ThreadHead | null;
  readonly entries: readonly Entry[];
  readonly rejection: SkeinError | undefined;
}

export function emptyWorld(): World {
  return { logs: [], nodes: new Map(), places: new Map() };
}

export function headOf(log: Log): ThreadHead {
  const head = log.heads.at(-1);
  if (head === undefined) throw new TypeError(`${log.id} has no head.`);
  return head;
}

/** Has a command decided on a thread, and keeps what it writes. Everything that goes into `decide` is frozen. */
export function submit(world: World, log: Log, command: Command, context: DecideContext): Step {
  const before = log.heads.at(-1) ?? null;
  const facts = factsFor(world, log, needs(command, before));
  const step = { log, command, facts, context, before };
  try {
    const { entries, head } = decide(before, deepFreeze(command), deepFreeze(facts), context);
    for (const entry of entries) keep(world, log, entry);
    log.heads.push(deepFreeze(head));
    return { ...step, after: head, entries: deepFreeze(entries), rejection: undefined };
  } catch (error) {
    if (!isSkeinError(error)) throw error;
    return { ...step, after: before, entries: [], rejection: error };
  }
}

/** Ids from a message back to its root. */
export function pathFrom(world: World, id: string | null): readonly string[] {
  const path: string[] = [];
  for (let next = id; next !== null; next = world.nodes.get(next)?.place?.parentId ?? null)
    path.push(next);
  return path;
}

export function nodesOn(world: World, id: string | null): readonly Node[] {
  return pathFrom(world, id).map((on) => nodeOf(world, on));
}

export function nodeOf(world: World, id: string): Node {
  const node = world.nodes.get(id);
  if (node === undefined) throw new TypeError(`There is no message ${id}.`);
  return node;
}

/** Every message that a branch leads to, and every one that waits. */
export function reachable(world: World, head: ThreadHead): Set<string> {
  const ids = new Set(head.activity.queued.map(({ messageId }) => messageId));
  for (const branch of Object.values(head.branches))
    for (const id of shownFrom(world, branch)) ids.add(id);
  return ids;
}

/** What a path still has: everything from its floor on, and the instructions above it. Newest first. */
export function shownFrom(
  world: World,
  { messageId, floor }: Pick<BranchHead, "messageId" | "floor">,
): readonly string[] {
  return pathFrom(world, messageId).filter((id) => {
    const { place, message } = nodeOf(world, id);
    return (place?.depth ?? 0) >= (floor?.depth ?? 0) || isInstruction(message.role);
  });
}

/** Messages that commands to this thread may name: its own, and those that it was forked with. */
export function known(world: World, log: Log): readonly string[] {
  const included = log.origin === undefined ? [] : shownFrom(world, log.origin.head);
  const own = [...world.nodes].filter(([, node]) => node.threadId === log.id && !node.isDiscarded);
  return [...included, ...own.map(([id]) => id)].filter((id) => !log.gone.has(id));
}

export function addressOf({ threadId, number }: SegmentRef, position: number): string {
  return `${threadId}/${number}/${position}`;
}

export function lastMessageAt(world: World, id: string | null, floor?: Floor): LastMessage | null {
  const path = nodesOn(world, id).filter(({ place }) => (place?.depth ?? 0) >= (floor?.depth ?? 0));
  for (const { message, at } of path.slice(0, 51)) {
    const { id: said, role, parts } = message;
    if (role !== "user" && role !== "assistant") continue;
    const text = preview(parts);
    if (text !== null) return { id: said, role, text, at };
  }
  return null;
}

function factsFor(world: World, log: Log, needed: readonly Need[]): Facts {
  const messages: [string, MessageFact | null][] = [];
  const given: [string, Facts["given"][string]][] = [];
  for (const need of needed) {
    if (need.kind === "message") messages.push([need.id, messageFact(world, log, need)]);
    if (need.kind !== "given") continue;
    for (const id of need.ids) {
      const threadId = world.nodes.get(id)?.threadId;
      const taken = threadId === undefined ? null : { key: { tenant: "t", id: threadId } };
      given.push([id, taken && { ...taken, version: 1 }]);
    }
  }
  return {
    messages: Object.fromEntries(messages),
    given: Object.fromEntries(given),
    operation: null,
  };
}

function messageFact(
  world: World,
  log: Log,
  { id, on, holders, floors = [] }: Extract<Need, { kind: "message" }>,
): MessageFact | null {
  if (!known(world, log).includes(id)) return null;
  const { message, place, isRedacted } = nodeOf(world, id);
  const end = on && world.places.get(addressOf(on.segment, on.position));
  const path = new Set(pathFrom(world, place === null ? null : id));
  const floor = floors
    .filter(({ messageId }) => path.has(messageId))
    .reduce<Floor | undefined>((a, b) => (a === undefined || b.depth > a.depth ? b : a), undefined);
  const isFirst = place === null || place.depth === (floor?.depth ?? 0);
  const parentId = isFirst ? null : place.parentId;
  const parent = parentId === null ? null : nodeOf(world, parentId).place;
  return {
    id,
    role: message.role,
    status: message.status,
    isRedacted,
    place,
    ...(floor && { floor }),
    parent: parent && { ...parent, lastMessage: lastMessageAt(world, parentId, floor) },
    isOnPath: place !== null && end !== undefined && pathFrom(world, end).includes(id),
    lastMessage: place && lastMessageAt(world, id, floor),
    ...(holders === true && { holders: holdersOf(world, id) }),
  };
}

function holdersOf(world: World, id: string): readonly string[] {
  return world.logs
    .filter((log) => (log.heads.at(-1)?.profile.purgedAt ?? null) === null)
    .filter((log) => known(world, log).includes(id))
    .map((log) => log.id);
}

function keep(world: World, log: Log, entry: Entry): void {
  log.entries.push(entry);
  const change = (id: string, changed: Partial<Node>): void => {
    world.nodes.set(id, { ...nodeOf(world, id), ...changed });
    const place = world.nodes.get(id)?.place;
    if (place != null) world.places.set(addressOf(place.segment, place.position), id);
  };
  const add = (message: MessageBody, place: Place | null): void => {
    const node = { threadId: log.id, message, place, at: entry.at, ...callsIn(message.parts) };
    world.nodes.set(message.id, { ...node, isRedacted: false, isDiscarded: false });
    if (place !== null) world.places.set(addressOf(place.segment, place.position), message.id);
  };
  switch (entry.op) {
    case "message.append":
    case "message.open":
      return add(entry.data.message, entry.data.place);
    case "message.enqueue":
      return add(entry.data.message, null);
    case "message.dequeue": {
      const { messageId, place } = entry.data;
      const { message } = nodeOf(world, messageId);
      if (place === undefined) return change(messageId, { isDiscarded: true });
      return change(messageId, { place, message: { ...message, status: "completed" } });
    }
    case "message.commit": {
      const { messageId, branch: _branch, pending, ...final } = entry.data;
      const { message, place } = nodeOf(world, messageId);
      const said = { message: { ...message, ...final }, at: entry.at, ...callsIn(final.parts) };
      return change(messageId, { ...said, place: place && { ...place, pending } });
    }
    case "message.redact": {
      const { message } = nodeOf(world, entry.data.messageId);
      return change(message.id, { isRedacted: true, message: { ...message, parts: [] } });
    }
    case "retention.trim": {
      const { branches, activity } = entry.data.snapshot;
      const kept = new Set(activity.queued.map(({ messageId }) => messageId));
      for (const branch of Object.values(branches))
        for (const id of shownFrom(world, branch)) kept.add(id);
      for (const id of known(world, log)) if (!kept.has(id)) log.gone.add(id);
      return undefined;
    }
    default:
  }
}

function callsIn(parts: readonly Part[]): Pick<Node, "calls" | "answers"> {
  return { calls: callIdsOf(parts), answers: answeredIdsOf(parts) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
