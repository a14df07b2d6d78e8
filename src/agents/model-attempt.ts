import { isSkeinError, SkeinError } from "../model/error.ts";
import type { Part } from "../model/part.ts";
import type { Usage } from "../model/usage.ts";
import { CallIds } from "./call-ids.ts";
import { itemsUntilAborted } from "./models/abort.ts";
import type { FinishReason, Model, ModelEvent, ModelRequest } from "./models/model.ts";
import { storableText } from "./streamed-parts.ts";
import type { Piece } from "./streamed-parts.ts";

// Models that think first may be silent for minutes; a connection that died silently would be silent for ever.
const MODEL_SILENCE_MS = 600_000;

export interface Attempt {
  readonly model: Model;
  readonly request: ModelRequest;
  /** Call ids that the conversation has already. */
  readonly takenCallIds: Iterable<string>;
  readonly onPiece: (piece: Piece) => Promise<void>;
  /** Milliseconds without an event after which the call counts as broken. */
  readonly silenceMs?: number;
}

export type AttemptOutcome =
  | {
      readonly kind: "finished";
      readonly parts: readonly Part[];
      readonly finish: FinishReason;
      readonly usage: Usage | undefined;
      readonly model: string;
    }
  | { readonly kind: "failed"; readonly error: SkeinError }
  | { readonly kind: "stopped" };

type StepEnd = Extract<ModelEvent, { type: "step-end" }>;

/** Calls a model once. Every failure of the model is an outcome; what `onPiece` throws is thrown. */
export async function attemptModel(attempt: Attempt): Promise<AttemptOutcome> {
  const { model, request, silenceMs = MODEL_SILENCE_MS } = attempt;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  const signal = AbortSignal.any([request.signal, silence.signal]);
  const callIds = new CallIds(attempt.takenCallIds);
  // Begun at the first reading, so that a model that throws at once fails like one that throws later.
  const source = {
    [Symbol.asyncIterator]: () => model.stream({ ...request, signal })[Symbol.asyncIterator](),
  };
  const events = itemsUntilAborted(source, signal);
  let end: StepEnd | undefined;
  try {
    for (;;) {
      const next = await nextOf(events);
      if (next.kind === "failed") {
        if (request.signal.aborted) return { kind: "stopped" };
        return { kind: "failed", error: silence.signal.aborted ? silent(model) : next.error };
      }
      if (next.event === undefined) break;
      timer.refresh();
      if (next.event.type === "step-end") end = next.event;
      else await attempt.onPiece(pieceOf(next.event, callIds));
    }
  } finally {
    clearTimeout(timer);
    // Nobody reads on when a piece could not be written; what the model then throws has no reader either.
    events.return().catch(() => undefined);
  }
  if (end === undefined) return { kind: "failed", error: cutShort(model) };
  if (end.finish === "error") return { kind: "failed", error: brokenOff(model) };
  const parts = end.parts.map((part, index) => storablePart(part, index, callIds));
  return { kind: "finished", parts, finish: end.finish, usage: end.usage, model: end.model };
}

async function nextOf(
  events: AsyncGenerator<ModelEvent, void, undefined>,
): Promise<
  | { readonly kind: "event"; readonly event: ModelEvent | undefined }
  | { readonly kind: "failed"; readonly error: SkeinError }
> {
  try {
    const next = await events.next();
    return { kind: "event", event: next.done === true ? undefined : next.value };
  } catch (error) {
    if (isSkeinError(error)) return { kind: "failed", error };
    const reason = error instanceof Error ? error.message : String(error);
    return {
      kind: "failed",
      error: new SkeinError("model_error", `The model failed: ${reason}`, {
        details: { isRetryable: false },
        cause: error,
      }),
    };
  }
}

function pieceOf(event: Exclude<ModelEvent, StepEnd>, callIds: CallIds): Piece {
  const { part } = event;
  switch (event.type) {
    case "text-delta":
      return { part, kind: "text", text: event.text };
    case "reasoning-delta":
      return { part, kind: "reasoning", text: event.text };
    case "tool-call-start": {
      const callId = callIds.ofPart(part, event.callId);
      return { part, kind: "tool-input", callId, name: event.name, text: "" };
    }
    case "tool-input-delta":
      return {
        part,
        kind: "tool-input",
        callId: callIds.ofPart(part, event.callId),
        text: event.text,
      };
  }
}

function storablePart(part: Part, index: number, callIds: CallIds): Part {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      return { ...part, text: storableText(part.text) };
    case "tool-call":
      return {
        ...part,
        callId: callIds.ofPart(index, part.callId),
        inputText: storableText(part.inputText),
      };
    case "tool-result":
      return { ...part, callId: callIds.ofResult(part.callId) };
    default:
      return part;
  }
}

function silent(model: Model): SkeinError {
  return new SkeinError("timeout", `${model.id} sent nothing for too long.`);
}

function cutShort(model: Model): SkeinError {
  return new SkeinError("model_error", `The stream of ${model.id} ended before the answer did.`, {
    details: { model: model.id, isRetryable: true },
  });
}

function brokenOff(model: Model): SkeinError {
  return new SkeinError("model_error", `${model.id} broke off with an error.`, {
    details: { model: model.id, isRetryable: true },
  });
}
