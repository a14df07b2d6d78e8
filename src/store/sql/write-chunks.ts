import type { Chunk } from "../chunk.ts";
import { textAt } from "./cell.ts";
import type { Cell } from "./cell.ts";
import { encodeChunkText } from "./chunk-text.ts";
import { OP_CODES } from "./codes.ts";
import type { Dialect } from "./dialect.ts";
import { insertRows } from "./insert-rows.ts";
import type { Target } from "./insert-rows.ts";
import { listOf } from "./list-of.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

const CHUNKS: Target = {
  table: "skein_chunk",
  columns: ["tid", "mid", "run_id", "attempt", "part", "kind", "call_id", "name", "off", "text"],
};

/** Inserts the chunks whose message is open. Runs in the caller's transaction. */
export function* insertChunks(dialect: Dialect, tid: number, chunks: readonly Chunk[]): Plan<void> {
  if (chunks.length === 0) return;
  const asked = listOf([...new Set(chunks.map(({ messageId }) => messageId))]);
  // Held, so that a commit of the message waits, and then removes these chunks too. Only what was redacted ends so.
  const open = yield* rows(
    `SELECT mid FROM skein_entry WHERE tid = ? AND mid IN ${asked.sql}
       AND op = ${OP_CODES["message.open"]} AND body IS NULL AND payload NOT LIKE '%"redacted":true}'
     ${dialect.forUpdate}`,
    tid,
    ...asked.parameters,
  );
  const ids = new Set(open.map((found) => textAt(found, 0)));
  yield* insertRows(
    dialect,
    CHUNKS,
    chunks.filter(({ messageId }) => ids.has(messageId)).map((chunk) => rowOf(tid, chunk)),
  );
}

function rowOf(
  tid: number,
  { messageId, runId, attempt, part, kind, callId, name, offset, text }: Chunk,
): readonly Cell[] {
  const call = [callId ?? null, name ?? null];
  return [tid, messageId, runId, attempt, part, kind, ...call, offset, encodeChunkText(text)];
}
