import type { Facts, MessageFact, Need } from "../facts.ts";
import type { ThreadKey } from "../key.ts";
import { findClaims } from "./claims.ts";
import type { Dialect } from "./dialect.ts";
import { findMessages } from "./find-message.ts";
import { floorOf } from "./floor-of.ts";
import { holdersOf } from "./holders.ts";
import { lastSaid } from "./last-said.ts";
import { messageOfRow } from "./message-row.ts";
import type { MessageRow } from "./message-row.ts";
import type { Plan } from "./plan.ts";
import { isOnPath } from "./segments.ts";

type MessageNeed = Extract<Need, { kind: "message" }>;

/** One statement for ids and operations, one for all messages, and one to four for each that is found. */
export function* loadFacts(dialect: Dialect, key: ThreadKey, needs: readonly Need[]): Plan<Facts> {
  const { tenant, id } = key;
  const ids = needs.flatMap((need) => (need.kind === "given" ? need.ids : []));
  const operations = needs.filter((need) => need.kind === "operation");
  const claims = yield* findClaims(tenant, ids, operations.at(-1));
  const asked = needs.filter((need) => need.kind === "message");
  const found = yield* findMessages(
    { sql: "k.tenant = ? AND k.id = ?", parameters: [tenant, id] },
    asked.map((need) => need.id),
  );
  const messages: [string, MessageFact | null][] = [];
  for (const need of asked) {
    const message = found.get(need.id);
    const fact = message === undefined ? null : yield* messageFact(dialect, tenant, message, need);
    messages.push([need.id, fact]);
  }
  return {
    // An id may be `__proto__`, which fromEntries takes as a key like any other.
    messages: Object.fromEntries(messages),
    given: Object.fromEntries(ids.map((it) => [it, claims.given.get(it) ?? null])),
    operation: claims.operation,
  };
}

function* messageFact(
  dialect: Dialect,
  tenant: string,
  found: MessageRow,
  need: MessageNeed,
): Plan<MessageFact> {
  const { seg, pos, depth, parentId, pending, threadId } = found;
  const message = messageOfRow(found.row, threadId, parentId, depth);
  const { id, role, status, redacted, turnId } = message;
  const holders = need.holders === true && { holders: yield* holdersOf(found) };
  const fact = { id, role, status, isRedacted: redacted === true, ...holders };
  if (seg === null || pos === null || depth === null)
    return { ...fact, place: null, parent: null, isOnPath: false, lastMessage: null };
  const segment = { threadId, number: seg };
  const end = { tenant, threadId, number: seg, position: pos };
  const floor = yield* floorOf(dialect, end, need.floors);
  const said = yield* lastSaid(dialect, { ...end, floorDepth: floor?.depth });
  return {
    ...fact,
    place: { segment, position: pos, parentId, depth, turnId, pending },
    ...(floor && { floor }),
    ...said,
    isOnPath:
      need.on !== undefined &&
      (yield* isOnPath(dialect, { tid: found.tid, number: seg, position: pos }, tenant, need.on)),
  };
}
