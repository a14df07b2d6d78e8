import type { Message, Role } from "../../model/message.ts";
import { byteBound } from "../byte-bound.ts";
import type { PathRange } from "../store.ts";
import { numberAt, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { MESSAGE_COLUMNS, PARENT_ID, POSITION, jsonOfRow, messageOfRow } from "./message-row.ts";
import { BEFORE, DEPTH, HOME, pathStatement } from "./path-statement.ts";
import type { PathEnd } from "./path-statement.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** Messages on a path by depth, of any number of segments. One statement; more where roles or bytes bound a long
 *  path. */
export function* readPath(
  dialect: Dialect,
  end: PathEnd,
  range: PathRange,
): Plan<readonly Message[]> {
  const { limit = Infinity, roles, maxBytes, order = "asc" } = range;
  const minDepth = Math.max(0, range.minDepth);
  const maxDepth = Math.min(Number.MAX_SAFE_INTEGER, range.maxDepth);
  if (minDepth > maxDepth || limit < 1 || end.position === 0) return [];
  const width = maxDepth - minDepth + 1;
  const slice = { minDepth, maxDepth, order, limit, roles, maxBytes };
  for (const span of spansOf(range, width)) {
    const { sql, parameters } = pathStatement(dialect, end, { ...slice, span }, MESSAGE_COLUMNS);
    const found = yield* rows(sql, ...parameters);
    const page = maxBytes === undefined ? found : rowsWithin(found, maxBytes);
    const isAll =
      page.length < found.length ||
      page.length === limit ||
      span === width ||
      (roles === undefined && page.length < span);
    if (isAll) return page.map(messageOf);
  }
  return [];
}

/** How many depths to look at, in as many tries: a page that is cut by its bytes, or that has few of many messages, does
 *  not look at the whole path. */
function spansOf(
  { limit = Infinity, roles, maxBytes }: PathRange,
  width: number,
): readonly number[] {
  if (roles === undefined) {
    const all = Math.min(limit, width);
    return maxBytes === undefined ? [all] : [...[512, 8_192].filter((span) => span < all), all];
  }
  const isBound = limit < width || maxBytes !== undefined;
  if (!isBound || roles.every(isInstruction)) return [width];
  return [...[64, 4_096].filter((span) => span < width), width];
}

/** There are few, and an index knows them. */
function isInstruction(role: Role): boolean {
  return role === "system" || role === "developer";
}

function rowsWithin(found: readonly Row[], maxBytes: number): readonly Row[] {
  const fits = byteBound(maxBytes);
  const cut = found.findIndex((row) => !fits(...jsonOfRow(row)));
  return cut === -1 ? found : found.slice(0, cut);
}

function messageOf(row: Row): Message {
  // Within a segment the parent is the message before.
  const parentId = textOrNullAt(row, numberAt(row, POSITION) === 1 ? PARENT_ID : BEFORE);
  return messageOfRow(row, textAt(row, HOME), parentId, numberAt(row, DEPTH));
}
