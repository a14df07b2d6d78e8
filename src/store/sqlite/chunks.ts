import type { Chunk } from "../chunk.ts";
import { numberAt, textAt, textOrNullAt } from "../sql/cell.ts";
import type { Cell, Row } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";

/** Inserts the chunks whose message is open. Runs in the caller's transaction. */
export function insertChunks(connection: Connection, tid: number, chunks: readonly Chunk[]): void {
  // The condition repeats that of the index of open messages.
  const insert = connection.statement(
    `INSERT INTO skein_chunk (tid, mid, run_id, attempt, part, kind, call_id, name, off, text)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
     WHERE EXISTS (SELECT 1 FROM skein_entry WHERE tid = ?1 AND mid = ?2 AND op = 21 AND body IS NULL
       AND payload ->> 'redacted' IS NULL)`,
  );
  for (const { messageId, runId, attempt, part, kind, callId, name, offset, text } of chunks)
    insert.run(
      tid,
      messageId,
      runId,
      attempt,
      part,
      kind,
      callId ?? null,
      name ?? null,
      offset,
      encodeText(text),
    );
}

export function listChunks(
  connection: Connection,
  tid: number,
  messageId: string,
): readonly Chunk[] {
  return connection
    .statement(
      `SELECT mid, run_id, attempt, part, kind, call_id, name, off, text FROM skein_chunk
       WHERE tid = ? AND mid = ? ORDER BY cid`,
    )
    .rows(tid, messageId)
    .map(chunkOf);
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
    text: decodeText(row),
  };
}

/** A stream may be cut between the halves of a character, which UTF-8 cannot hold. */
function encodeText(text: string): Cell {
  return text.isWellFormed() ? text : Buffer.from(text, "utf16le");
}

function decodeText(row: Row): string {
  const text = row[8];
  return text instanceof Uint8Array ? Buffer.from(text).toString("utf16le") : textAt(row, 8);
}

function kindOf(stored: string): Chunk["kind"] {
  return stored === "reasoning" || stored === "tool-input" ? stored : "text";
}
