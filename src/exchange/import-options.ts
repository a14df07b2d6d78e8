import type { CallOptions, Engine } from "../engine/engine.ts";
import type { ExchangeProblem, SourceFormat } from "./conversation.ts";

/** What an import needs of an engine. */
export type ImportTarget = Pick<Engine, "resume" | "getMany" | "branches" | "messages" | "putBlob">;

export interface ImportFile {
  /** As problems name it. */
  readonly name: string;
  /** For the progress; absent: unknown. */
  readonly sizeBytes?: number;
  read(): AsyncIterable<Uint8Array>;
}

export interface ImportOptions extends Pick<CallOptions, "signal"> {
  /** Whose words the ones of the user in a source are; part of every id, so that two people who import the same file have
   *  threads of their own. Default `local`. */
  readonly user?: string;
  /** Who answers in threads that name no agent. Default: the default agent. */
  readonly agentId?: string;
  /** Reads and counts everything, writes nothing. Default false. */
  readonly isDryRun?: boolean;
  /** Default `Date.now`. */
  readonly clock?: () => number;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  readonly file: string;
  readonly bytes: number;
  /** Of all files; absent when that of one of them is not known. */
  readonly totalBytes?: number;
  readonly conversations: number;
}

export interface ImportReport {
  /** Threads that were made. */
  readonly imported: number;
  /** Threads that were here and got what they lacked. */
  readonly updated: number;
  /** Threads that were here and lacked nothing. */
  readonly unchanged: number;
  /** Conversations in which nobody says anything. */
  readonly empty: number;
  /** In all conversations that were brought or were here. */
  readonly messages: number;
  /** Conversations by where they come from. */
  readonly sources: Readonly<Partial<Record<SourceFormat | "skein", number>>>;
  /** What was left out, the first 1,000; everything else was brought. */
  readonly problems: readonly ExchangeProblem[];
  readonly problemCount: number;
  /** What was mended, the first 1,000. */
  readonly notes: readonly ExchangeProblem[];
}
