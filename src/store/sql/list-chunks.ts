import type { Chunk } from "../chunk.ts";
import type { ThreadKey } from "../key.ts";
import { numberAt, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { decodeChunkText } from "./chunk-text.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { THREAD_NUMBER } from "./thread-number.ts";

export function* listChunks({ tenant, id }: ThreadKey, messageId: string): Plan<readonly Chunk[]> {
  const found = yield* rows(
    `SELECT mid, run_id, attempt, part, kind, call_id, name, off, text FROM skein_chunk
     WHERE tid = ${THREAD_NUMBER} AND mid = ? ORDER BY cid`,
    tenant,
    id,
    messageId,
  );
  return found.map(chunkOf);
}

function chunkOf(row: Row): Chunk {
  const callId = textOrNullAt(row, 5);
  const name = textOrNullAt(row, 6);
  return {
    runId: textAt(row, 1),
    messageId: textAt(row, 0),
    attempt: numberAt(row, 2),
    part: numberAt(row, 3),
    kind: kindOf(textAt(row, 4)),
    ...(callId !== null && { callId }),
    ...(name !== null && { name }),
    offset: numberAt(row, 7),
    text: decodeChunkText(textAt(row, 8)),
  };
}

function kindOf(stored: string): Chunk["kind"] {
  return stored === "reasoning" || stored === "tool-input" ? stored : "text";
}
