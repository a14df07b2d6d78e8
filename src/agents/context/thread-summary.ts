import type { CallOptions, WriteOptions } from "../../engine/call.ts";
import type { Cost, Usage } from "../../model/usage.ts";
import type { ContextReport } from "./context-report.ts";
import type { ContextQuery } from "./show-context.ts";
import type { SummaryPoints } from "./summary-points.ts";

export const SUMMARY_STYLES = ["brief", "standard", "detailed"] as const;

export type SummaryStyle = (typeof SUMMARY_STYLES)[number];

export interface SummarizeInput {
  /** Name of a model; default: that of the agent. */
  readonly model?: string;
  /** Whose model, and price. Default: the thread's agent. */
  readonly agentId?: string;
  /** `brief` (some sentences), `standard` (default) or `detailed`. Each goes on with its own. */
  readonly style?: SummaryStyle;
  /** Default `main`. */
  readonly branch?: string;
  /** Estimated tokens that one call is given to read, default 16,000, at least 100. */
  readonly chunkTokens?: number;
  /** Reads everything again instead of only what is new. Default false. */
  readonly fresh?: boolean;
}

/** What a thread was about. */
export interface ThreadSummary extends SummaryPoints {
  readonly threadId: string;
  readonly text: string;
  readonly style: SummaryStyle;
  /** False: the model gave no parts, and all that it said is the text. */
  readonly isStructured: boolean;
  readonly model: string;
  /** The thread whose log has it, and the version of its entry. */
  readonly writtenIn: { readonly threadId: string; readonly version: number };
  /** Milliseconds since the epoch. */
  readonly summarizedAt: number;
  /** What it is of: the messages of the branch down to `messageId`. */
  readonly covers: {
    readonly branch: string;
    readonly messages: number;
    readonly messageId: string;
    readonly depth: number;
  };
  /** SHA-256, in hex, over what it was made of. */
  readonly source: string;
  /** The branch has moved on since. */
  readonly isStale: boolean;
  /** Messages behind what it covers; `null` when that is not on the branch any more. */
  readonly newMessages: number | null;
}

export interface MadeSummary extends ThreadSummary {
  /** Calls of the model that this took; 0 when there was nothing new. */
  readonly calls: number;
  readonly usage: Usage;
  readonly cost: Cost;
}

/** What of a thread models are shown, and what they make of it. */
export interface ContextCalls {
  /** What the model of an agent would get now, and what it would not, and why. */
  context(threadId: string, query?: ContextQuery, options?: CallOptions): Promise<ContextReport>;
  /** Sums a thread up, part by part: each call of the model gets the summary so far and the next messages, in whole turns, so that
   *  memory does not grow with the thread. Every part is stored when it is made, and whoever asks again goes on with what is new.
   *  The text, at most 4,000 characters of it, is in the metadata then, as `summary`, with `summarized_at` (RFC 3339); where they
   *  do not fit, in the log alone. Asks no model when nothing is new.
   *  @throws SkeinError  `invalid_request` when nothing was said; the model's error, with the parts before it kept; `aborted` */
  summarize(
    threadId: string,
    input?: SummarizeInput,
    options?: Pick<WriteOptions, "userId" | "signal">,
  ): Promise<MadeSummary>;
  /** The newest summary of a branch, or `null`: there is none, or a message was redacted since. */
  summary(
    threadId: string,
    query?: { readonly branch?: string; readonly style?: SummaryStyle },
    options?: CallOptions,
  ): Promise<ThreadSummary | null>;
}
