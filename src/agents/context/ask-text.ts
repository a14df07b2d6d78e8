import { isRetryable, retryDelayMs, sleep } from "../../engine/retry.ts";
import { SkeinError } from "../../model/error.ts";
import { text, textOf } from "../../model/part.ts";
import type { Usage } from "../../model/usage.ts";
import { attemptModel } from "../model-attempt.ts";
import type { Model } from "../models/model.ts";
import { MODEL_ATTEMPTS } from "../next-step.ts";
import type { ModelRetry } from "../run-context.ts";

const LONGEST_WAIT_MS = 60_000;

export interface TextQuestion {
  readonly model: Model;
  readonly system: string;
  readonly prompt: string;
  readonly maxTokens: number;
  readonly signal: AbortSignal;
  readonly retry: ModelRetry;
  /** Tries that were made before, default 0. */
  readonly attempts?: number;
}

export type TextAnswer =
  | {
      readonly kind: "said";
      readonly text: string;
      readonly model: string;
      readonly usage: Usage | undefined;
      /** Tries, the last one included. */
      readonly attempts: number;
    }
  | { readonly kind: "failed"; readonly error: SkeinError; readonly attempts: number }
  | { readonly kind: "stopped" };

/** Asks a model for a text, again where that may help: three times in all. Nothing is streamed, and nothing is thrown. */
export async function askText(question: TextQuestion): Promise<TextAnswer> {
  const { model, system, prompt, maxTokens, signal, retry } = question;
  for (let attempts = (question.attempts ?? 0) + 1; ; attempts++) {
    const outcome = await attemptModel({
      model,
      request: {
        system,
        messages: [{ id: "prompt", role: "user", status: "completed", parts: [text(prompt)] }],
        tools: [],
        signal,
        settings: { maxOutputTokens: maxTokens },
        speakerLabels: false,
        loadBlob: noFiles,
      },
      takenCallIds: [],
      onPiece: async () => {},
    });
    if (outcome.kind === "stopped") return outcome;
    const said = outcome.kind === "finished" ? textOf(outcome.parts).trim() : "";
    if (outcome.kind === "finished" && said !== "") {
      const { model: name, usage } = outcome;
      return { kind: "said", text: said, model: name, usage, attempts };
    }
    const error = outcome.kind === "failed" ? outcome.error : silent(model);
    if (attempts >= MODEL_ATTEMPTS || (outcome.kind === "failed" && !isRetryable(error)))
      return { kind: "failed", error, attempts };
    const waitMs = retryDelayMs(error, attempts, retry);
    if (waitMs > LONGEST_WAIT_MS) return { kind: "failed", error, attempts };
    try {
      await sleep(waitMs, signal);
    } catch {
      return { kind: "stopped" };
    }
  }
}

async function noFiles(): Promise<never> {
  throw new SkeinError("internal", "A summary is made of text alone.");
}

function silent({ id }: Model): SkeinError {
  return new SkeinError("model_error", `${id} said nothing.`, { details: { isRetryable: true } });
}
