import type { ThreadKey } from "./key.ts";

/** A piece of a message that a run is still writing. */
export interface Chunk {
  readonly runId: string;
  readonly messageId: string;
  /** 1, 2, 3: which try of the model step wrote it. */
  readonly attempt: number;
  /** Index of the part in the message. */
  readonly part: number;
  readonly kind: "text" | "reasoning" | "tool-input";
  /** Of a tool call: its id and name. */
  readonly callId?: string;
  readonly name?: string;
  /** UTF-16 units of the same attempt and part before this chunk. */
  readonly offset: number;
  readonly text: string;
}

/** Tokens on their way, beside the log. */
export interface ChunkStore {
  /** Adds chunks. Lasts through a crash of the process; a crash of the machine may lose the newest. Ignored for messages that are no
   *  longer open. */
  appendChunks(key: ThreadKey, chunks: readonly Chunk[]): Promise<void>;
  /** Chunks of a message in the order in which they were added. Empty once the message is committed: the commit
   *  of a message removes them. */
  listChunks(key: ThreadKey, messageId: string): Promise<readonly Chunk[]>;
}
