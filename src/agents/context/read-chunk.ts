import { answeredIdsOf, callIdsOf } from "../../model/part.ts";
import type { Message } from "../../model/message.ts";
import type { Store } from "../../store/store.ts";
import type { Path } from "./find-compaction.ts";
import { transcriptTokens } from "./transcript.ts";

const MESSAGES_AT_A_TIME = 200;
const PAGE_BYTES = 4_194_304;

export interface ChunkRange {
  /** Depths of the first and the last message. */
  readonly from: number;
  readonly to: number;
  /** Estimated tokens of the chunk as a transcript. */
  readonly tokens: number;
}

/** The messages of a path from `from` on that fit, cut where a turn ends, else where no call is open: at most 200 and about
 *  4 MiB are held. At least one message; empty when there is none up to `to`, or one that is still being written comes first. */
export async function readChunk(
  store: Pick<Store, "readPath">,
  tenant: string,
  path: Path,
  { from, to, tokens }: ChunkRange,
): Promise<readonly Message[]> {
  const page = await store.readPath(tenant, path, {
    minDepth: from,
    maxDepth: to,
    limit: MESSAGES_AT_A_TIME,
    maxBytes: PAGE_BYTES,
  });
  const open = new Set<string>();
  let left = tokens;
  let closed = 0;
  let turn = 0;
  let fitting = 0;
  for (const [index, message] of page.entries()) {
    left -= transcriptTokens(message, tokens);
    if (message.status === "in_progress" || (left < 0 && closed > 0)) break;
    for (const callId of callIdsOf(message.parts)) open.add(callId);
    for (const callId of answeredIdsOf(message.parts)) open.delete(callId);
    fitting = index + 1;
    if (open.size > 0) continue;
    closed = fitting;
    const next = page[index + 1];
    const isLast = next === undefined && message.depth === to;
    if (isLast || (next !== undefined && next.turnId !== message.turnId)) turn = closed;
  }
  // Calls that were never answered, or more of them than a page holds.
  return page.slice(0, turn || closed || fitting);
}
