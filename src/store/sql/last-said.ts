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
import { HOME, SEGMENT, pathStatement } from "./path-statement.ts";
import type { PathEnd } from "./path-statement.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

const MAX_ANCESTORS = 50;

/** The message at a place and the one before, each with the newest text of a user or an assistant at or before it.
 *  Usually the first few messages will do. */
export function* lastSaid(
  dialect: Dialect,
  end: PathEnd,
): Plan<Pick<MessageFact, "parent" | "lastMessage">> {
  for (const span of [4, MAX_ANCESTORS + 2]) {
    const slice = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER, order: "desc", span } as const;
    const { sql, parameters } = pathStatement(
      dialect,
      end,
      { ...slice, limit: Infinity, roles: undefined, maxBytes: undefined },
      MESSAGE_COLUMNS,
    );
    const path = yield* rows(sql, ...parameters);
    const said = path.map(saidBy);
    const isShort = path.length < span || span > MAX_ANCESTORS;
    // What the parent said last is what the message said last, unless the message said it.
    if (!isShort && said.slice(1).every((it) => it === null)) continue;
    const lastMessage = said.slice(0, MAX_ANCESTORS + 1).find((it) => it !== null) ?? null;
    const before = said.slice(1).find((it) => it !== null) ?? null;
    return { lastMessage, parent: parentOf(path[1], before) };
  }
  return { lastMessage: null, parent: null };
}

function parentOf(row: Row | undefined, lastMessage: LastMessage | null): MessageFact["parent"] {
  if (row === undefined) return null;
  return {
    segment: { threadId: textAt(row, HOME), number: numberAt(row, SEGMENT) },
    position: numberAt(row, POSITION),
    turnId: textOrNullAt(row, TURN_ID) ?? textAt(row, MESSAGE_ID),
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
