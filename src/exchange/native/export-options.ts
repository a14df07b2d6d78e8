import type { CallOptions, Engine, ThreadExport } from "../../engine/engine.ts";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import { LIMITS } from "../../model/limits.ts";
import type { ExchangeProblem } from "../conversation.ts";

/** What an export needs of an engine. */
export type ExportSource = Pick<Engine, "serialize" | "list" | "getBlob" | "store">;

export interface ExportOptions extends CallOptions {
  /** Which threads. Default all that the caller may see, archived ones too. */
  readonly threadIds?: Iterable<string> | AsyncIterable<string>;
  readonly onProgress?: (progress: { readonly threads: number }) => void;
  /** A thread that is left out, and why. */
  readonly onProblem?: (problem: ExchangeProblem) => void;
}

/** The whole thread, if it can be imported again; what was deleted meanwhile is nothing.
 *  @throws SkeinError  `limit_exceeded` for what only a copy from store to store can bring */
export async function exportOf(
  source: Pick<ExportSource, "serialize">,
  threadId: string,
  inlineBytes: number,
  options: CallOptions,
): Promise<ThreadExport> {
  const exported = await source.serialize(threadId, { ...options, mode: "full", inlineBytes });
  if (exported.messages.length > LIMITS.messagesPerImport)
    throw new SkeinError(
      "limit_exceeded",
      `Thread ${threadId} has more than ${LIMITS.messagesPerImport} messages: it is copied from store to store, not exported.`,
      { details: { limit: LIMITS.messagesPerImport } },
    );
  return exported;
}

/** Tells of a thread that cannot be exported; throws where nobody wants to know, and what concerns more than it. */
export function leaveOut(
  error: unknown,
  threadId: string,
  { onProblem, signal }: ExportOptions,
): void {
  signal?.throwIfAborted();
  if (onProblem === undefined || !isSkeinError(error) || !OF_THE_THREAD.has(error.code))
    throw error;
  onProblem({ file: threadId, id: threadId, reason: error.message });
}

const OF_THE_THREAD: ReadonlySet<string> = new Set([
  "limit_exceeded",
  "thread_not_found",
  "thread_deleted",
  "blob_not_found",
]);
