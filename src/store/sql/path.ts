import { isInstruction } from "../../model/message.ts";
import type { Message } from "../../model/message.ts";
import { byteBound } from "../byte-bound.ts";
import type { PathRange } from "../store.ts";
import { numberAt, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { MESSAGE_COLUMNS, PARENT_ID, jsonOfRow, messageOfRow } from "./message-row.ts";
import { openPath } from "./path-ranges.ts";
import { BEFORE, DEPTH, HOME } from "./path-statement.ts";
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
  // Where the path has one message per depth, a limit is a bound on depths.
  const isSparse = roles !== undefined || minDepth < (end.floorDepth ?? 0);
  const slice = { minDepth, maxDepth, order, roles, maxBytes, limit: isSparse ? limit : Infinity };
  const spans = isSparse
    ? sparseSpans(range, width, order === "asc" ? (end.floorDepth ?? 0) - minDepth : 0)
    : denseSpans(Math.min(limit, width), maxBytes);
  const statementFor = yield* openPath(dialect, end, MESSAGE_COLUMNS);
  for (const span of spans) {
    const { sql, parameters } = statementFor({ ...slice, span });
    const found = yield* rows(sql, ...parameters);
    const page = maxBytes === undefined ? found : rowsWithin(found, maxBytes);
    const isAll =
      page.length < found.length ||
      page.length === limit ||
      span === width ||
      (!isSparse && page.length < span);
    if (isAll) return page.map(messageOf);
  }
  return [];
}

/** How many depths to look at, in as many tries: a page that is cut by its bytes does not look at the whole path. */
function denseSpans(all: number, maxBytes: number | undefined): readonly number[] {
  return maxBytes === undefined ? [all] : [...[512, 8_192].filter((span) => span < all), all];
}

/** The same for a page that has few of many messages.
 *  @param gap  depths at the start that have next to nothing */
function sparseSpans(
  { limit = Infinity, roles, maxBytes }: PathRange,
  width: number,
  gap: number,
): readonly number[] {
  const isBound = limit < width || maxBytes !== undefined;
  if (!isBound || roles?.every(isInstruction) === true) return [width];
  const first = Number.isFinite(limit) ? Math.max(16, limit) : 64;
  const spans = [first, 1_024].map((span) => span + Math.max(0, gap));
  return [...spans.filter((span) => span < width), width];
}

function rowsWithin(found: readonly Row[], maxBytes: number): readonly Row[] {
  const fits = byteBound(maxBytes);
  const cut = found.findIndex((row) => !fits(...jsonOfRow(row)));
  return cut === -1 ? found : found.slice(0, cut);
}

function messageOf(row: Row): Message {
  // Left out where the parent is the message before.
  const parentId = textOrNullAt(row, PARENT_ID) ?? textOrNullAt(row, BEFORE);
  return messageOfRow(row, textAt(row, HOME), parentId, numberAt(row, DEPTH));
}
