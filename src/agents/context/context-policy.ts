import { SkeinError } from "../../model/error.ts";
import type { WindowPolicy } from "../../model/window.ts";
import type { ModelChoice } from "../models/resolve.ts";

/** What an agent's model gets of a conversation. Messages with `pinned: true` in their metadata are always in it. */
export interface ContextPolicy extends WindowPolicy {
  /** A model sums up what has left the window, and the model gets that in its place. Default: it gets nothing of it. Where
   *  nothing is stored there is no summary. */
  readonly summary?: SummaryPolicy;
  /** What counts tokens for the budget: a function, or `estimate` for four characters a token. Default: the tokenizer of the
   *  model where the package `gpt-tokenizer` is installed and has it (`openai/…`), else the estimate. */
  readonly tokenizer?: "estimate" | ((text: string) => number);
}

/** How what has left the window is summed up. It is done once half of the window is left to be said, in steps of the run that
 *  needs it, which pays for them. */
export interface SummaryPolicy {
  /** Default: the model of the run. */
  readonly model?: ModelChoice;
  /** What to keep, instead of the built-in words. */
  readonly instructions?: string;
  /** Tokens that a summary may have, default 1,000. */
  readonly maxTokens?: number;
  /** Estimated tokens that one call is given to read, default 16,000, at least 100. */
  readonly chunkTokens?: number;
}

/** @throws SkeinError  `invalid_request` with the field that is wrong */
export function checkContextPolicy(policy: ContextPolicy): void {
  const { lastMessages, tokenBudget, toolOutputs, summary, tokenizer } = policy;
  checkNumber(lastMessages, "lastMessages", 1);
  checkNumber(tokenBudget, "tokenBudget", 1);
  checkNumber(toolOutputs?.keepNewest, "toolOutputs.keepNewest", 0);
  checkNumber(toolOutputs?.maxCharacters, "toolOutputs.maxCharacters", 100);
  checkNumber(summary?.maxTokens, "summary.maxTokens", 1);
  checkNumber(summary?.chunkTokens, "summary.chunkTokens", 100);
  if (tokenizer !== undefined && tokenizer !== "estimate" && typeof tokenizer !== "function")
    throw invalid("tokenizer", "be estimate or a function");
}

function checkNumber(value: number | undefined, field: string, least: number): void {
  if (value !== undefined && (!Number.isInteger(value) || value < least))
    throw invalid(field, `be a whole number of ${least} or more`);
}

function invalid(field: string, rule: string): SkeinError {
  return new SkeinError("invalid_request", `agent.context.${field} must ${rule}.`, {
    field: `agent.context.${field}`,
  });
}
