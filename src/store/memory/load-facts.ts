import type { Floor, PathEnd } from "../../model/message.ts";
import type { LastMessage } from "../../model/thread.ts";
import { preview } from "../../model/title.ts";
import type { Facts, GivenId, MessageFact, Need } from "../facts.ts";
import { operationKey } from "./memory-data.ts";
import type { StoredMessage, StoredThread, Tenant } from "./memory-data.ts";
import { findMessage, isOnPath, pathBack } from "./path.ts";
import { isPurged } from "./sweep.ts";

const ANCESTORS = 50;

export function loadFacts(
  tenant: Tenant,
  thread: StoredThread | undefined,
  needs: readonly Need[],
): Facts {
  const messages: [string, MessageFact | null][] = [];
  const given: [string, Facts["given"][string]][] = [];
  let operation: Facts["operation"] = null;
  for (const need of needs) {
    if (need.kind === "message") messages.push([need.id, messageFact(tenant, thread, need)]);
    else if (need.kind === "given")
      for (const id of need.ids) given.push([id, givenFact(tenant, id)]);
    else operation = tenant.operations.get(operationKey(need.user, need.opId)) ?? null;
  }
  // An id may be `__proto__`, which fromEntries takes as a key like any other.
  return { messages: Object.fromEntries(messages), given: Object.fromEntries(given), operation };
}

/** Who uses an id in the tenant, whoever made it. */
export function givenFact({ given, threads }: Tenant, id: string): GivenId | null {
  const known = given.get(id);
  if (known !== undefined) return known;
  for (const { key, messages } of threads.values()) {
    const version = messages.get(id)?.message.version;
    if (version !== undefined) return { key, version };
  }
  return null;
}

function messageFact(
  tenant: Tenant,
  thread: StoredThread | undefined,
  need: Extract<Need, { kind: "message" }>,
): MessageFact | null {
  const stored = thread && findMessage(tenant, thread, need.id);
  if (stored === undefined) return null;
  const { message, place } = stored;
  const floor = place === null ? undefined : floorOf(tenant, place, need.floors);
  return {
    id: message.id,
    role: message.role,
    status: message.status,
    isRedacted: message.redacted === true,
    place: place && placeFact(place),
    ...(floor && { floor }),
    parent: parentFact(tenant, stored, floor),
    isOnPath: place !== null && need.on !== undefined && isOnPath(tenant, place, need.on),
    lastMessage: place && lastMessageAt(tenant, { ...place, ...(floor && { floor }) }),
    ...(need.holders === true && { holders: holdersOf(tenant, stored) }),
  };
}

/** Threads are in the order of their creation, so the writer comes before every fork. */
function holdersOf(tenant: Tenant, stored: StoredMessage): readonly string[] {
  return [...tenant.threads.values()]
    .filter((thread) => !isPurged(thread))
    .filter((thread) => findMessage(tenant, thread, stored.message.id) === stored)
    .map(({ key }) => key.id);
}

function placeFact({
  branch: _branch,
  continues: _continues,
  ...place
}: NonNullable<StoredMessage["place"]>): MessageFact["place"] {
  return place;
}

/** The deepest floor on the path to a place. */
function floorOf(tenant: Tenant, end: PathEnd, floors: readonly Floor[] = []): Floor | undefined {
  return floors
    .filter((floor) => isOnPath(tenant, floor, end))
    .reduce<Floor | undefined>(
      (deepest, floor) => (floor.depth > (deepest?.depth ?? -1) ? floor : deepest),
      undefined,
    );
}

function parentFact(
  tenant: Tenant,
  { place }: StoredMessage,
  floor: Floor | undefined,
): MessageFact["parent"] {
  if (place === null || place.depth === (floor?.depth ?? 0)) return null;
  // The path that ends at a message has its parent second.
  const parent = [...pathBack(tenant, place)][1]?.place;
  // The parent of what was kept for its instructions alone may be gone.
  if (parent?.depth !== place.depth - 1) return null;
  const { segment, position, turnId } = parent;
  const end = { segment, position, ...(floor && { floor }) };
  return { segment, position, turnId, lastMessage: lastMessageAt(tenant, end) };
}

function lastMessageAt(tenant: Tenant, end: PathEnd): LastMessage | null {
  let looked = 0;
  for (const { message } of pathBack(tenant, end)) {
    if (looked > ANCESTORS) return null;
    looked += 1;
    if (message.role !== "user" && message.role !== "assistant") continue;
    const text = preview(message.parts);
    if (text !== null) return { id: message.id, role: message.role, text, at: message.createdAt };
  }
  return null;
}
