import type { Place } from "../../model/message.ts";
import { messageIdOf } from "../memory/fold-message.ts";
import type { Store } from "../store.ts";
import { placeOf } from "./hollow.ts";
import type { LogLine } from "./log-line.ts";

const IDS_AT_ONCE = 500;

/** Which of the messages that a log speaks of the index still has, for its own thread or for a fork. */
export interface Surviving {
  readonly ids: ReadonlySet<string>;
  /** Some are there for forks only, and go with the last of them. */
  readonly isForForks: boolean;
}

/** @param linesOf  the lines of another thread of the tenant */
export async function survivingOf(
  index: Store,
  tenant: string,
  threadId: string,
  lines: readonly LogLine[],
  linesOf: (threadId: string) => readonly LogLine[],
): Promise<Surviving> {
  const ids = new Set(await placedIn(index, tenant, threadId, lines));
  const others = mentionedIn(lines).filter((id) => !ids.has(id));
  const key = { tenant, id: threadId };
  for (const id of await loadable(index, key, others)) ids.add(id);
  const foreign = annotatedIn(lines).filter((id) => !ids.has(id));
  for (const id of foreign)
    if (await isElsewhere(index, tenant, threadId, id, linesOf)) ids.add(id);
  const own = await loadable(index, key, [...ids]);
  return { ids, isForForks: own.length < ids.size };
}

/** Messages that the thread wrote and that still have their place. */
async function placedIn(
  index: Store,
  tenant: string,
  threadId: string,
  lines: readonly LogLine[],
): Promise<readonly string[]> {
  const segments = new Map<number, { last: Place; minDepth: number; maxDepth: number }>();
  for (const place of lines.flatMap(placesIn)) {
    const { depth, position, segment } = place;
    const known = segments.get(segment.number);
    segments.set(segment.number, {
      last: known !== undefined && known.last.position > position ? known.last : place,
      minDepth: Math.min(depth, known?.minDepth ?? depth),
      maxDepth: Math.max(depth, known?.maxDepth ?? depth),
    });
  }
  const found: string[] = [];
  for (const { last, minDepth, maxDepth } of segments.values()) {
    const { segment, position } = last;
    const path = await index.readPath(tenant, { segment, position }, { minDepth, maxDepth });
    for (const message of path) if (message.threadId === threadId) found.push(message.id);
  }
  return found;
}

function placesIn({ entry, note }: LogLine): readonly Place[] {
  const kept = (note.kept ?? []).flatMap(({ place }) => place ?? []);
  const place = placeOf(entry);
  return place === undefined ? kept : [...kept, place];
}

function mentionedIn(lines: readonly LogLine[]): readonly string[] {
  const ids = lines.flatMap(({ entry, note }) => [
    ...(note.kept ?? []).map(({ message }) => message.id),
    messageIdOf(entry) ?? [],
  ]);
  return [...new Set(ids.flat())];
}

/** Messages that were changed through this thread, and may be another one's. */
function annotatedIn(lines: readonly LogLine[]): readonly string[] {
  const ids = lines.flatMap(({ entry }) =>
    entry.op === "message.annotate" || entry.op === "message.redact" ? [entry.data.messageId] : [],
  );
  return [...new Set(ids)];
}

async function loadable(
  index: Store,
  key: { readonly tenant: string; readonly id: string },
  ids: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
    const messages = await index.loadMessages(key, ids.slice(start, start + IDS_AT_ONCE));
    for (const message of messages) if (message !== null) found.push(message.id);
  }
  return found;
}

/** Whether a message of another thread is still there, for whatever thread. */
async function isElsewhere(
  index: Store,
  tenant: string,
  threadId: string,
  messageId: string,
  linesOf: (threadId: string) => readonly LogLine[],
): Promise<boolean> {
  const { given } = await index.loadFacts({ tenant, id: threadId }, [
    { kind: "given", ids: [messageId] },
  ]);
  const home = given[messageId]?.key.id;
  if (home === undefined || home === threadId) return false;
  const line = linesOf(home).findLast(
    ({ entry }) => messageIdOf(entry) === messageId && placeOf(entry) !== undefined,
  );
  return line !== undefined && (await placedIn(index, tenant, home, [line])).includes(messageId);
}
