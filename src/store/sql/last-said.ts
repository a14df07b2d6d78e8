import type { MessageFact } from "../facts.ts";
import type { LastMessage } from "../../model/thread.ts";
import { preview } from "../../model/title.ts";
import { numberAt, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { roleOf } from "./codes.ts";
import type { Dialect } from "./dialect.ts";
import {
  MESSAGE_COLUMNS,
  MESSAGE_ID,
  POSITION,
  ROLE,
  TURN_ID,
  messageOfRow,
} from "./message-row.ts";
import { openPath } from "./path-ranges.ts";
import { DEPTH, HOME, SEGMENT } from "./path-statement.ts";
import type { PathEnd } from "./path-statement.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

const MAX_ANCESTORS = 50;

const UNBOUND = { limit: Infinity, roles: undefined, maxBytes: undefined } as const;

/** The message at a place and the one before, each with the newest text of a user or an assistant at or before it, down to
 *  the floor. Usually the first few messages will do. */
export function* lastSaid(
  dialect: Dialect,
  end: PathEnd,
): Plan<Pick<MessageFact, "parent" | "lastMessage">> {
  const statementFor = yield* openPath(dialect, end, MESSAGE_COLUMNS);
  for (const span of [4, MAX_ANCESTORS + 2]) {
    const slice = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER, order: "desc", span } as const;
    const { sql, parameters } = statementFor({ ...slice, ...UNBOUND });
    const path = yield* rows(sql, ...parameters);
    const said = path.map(saidBy);
    const before = said.slice(1).find((it) => it !== null) ?? null;
    // What the parent said last is what the message said last, unless the message said it.
    if (before === null && span <= MAX_ANCESTORS && !isWhole(path)) continue;
    const lastMessage = said.slice(0, MAX_ANCESTORS + 1).find((it) => it !== null) ?? null;
    return { lastMessage, parent: parentOf(path, end.floorDepth ?? 0, before) };
  }
  return { lastMessage: null, parent: null };
}

function isWhole(path: readonly Row[]): boolean {
  const last = path.at(-1);
  return last === undefined || numberAt(last, DEPTH) === 0;
}

/** None above the floor. The parent of what was kept for its instructions alone may be gone. */
function parentOf(
  [message, parent]: readonly Row[],
  floorDepth: number,
  lastMessage: LastMessage | null,
): MessageFact["parent"] {
  if (message === undefined || parent === undefined) return null;
  const depth = numberAt(message, DEPTH);
  if (depth === floorDepth || numberAt(parent, DEPTH) !== depth - 1) return null;
  return {
    segment: { threadId: textAt(parent, HOME), number: numberAt(parent, SEGMENT) },
    position: numberAt(parent, POSITION),
    turnId: textOrNullAt(parent, TURN_ID) ?? textAt(parent, MESSAGE_ID),
    lastMessage,
  };
}

function saidBy(row: Row): LastMessage | null {
  const role = roleOf(row[ROLE]);
  if (role !== "user" && role !== "assistant") return null;
  const { id, parts, createdAt } = messageOfRow(row, "", null, null);
  const text = preview(parts);
  return text === null ? null : { id, role, text, at: createdAt };
}
