import type { JsonObject } from "../../model/json.ts";
import type { MessageBody } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";
import type { Usage } from "../../model/usage.ts";

/** A tool as a model sees it: it is described here and executed elsewhere. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments; an object schema. */
  readonly inputSchema: JsonObject;
}

export interface ModelSettings {
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
}

export interface BlobContent {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

export interface ModelRequest {
  readonly system: string | undefined;
  /** Oldest first, already cut to the agent's window. Queued messages do not belong here. */
  readonly messages: readonly MessageBody[];
  readonly tools: readonly ModelTool[];
  readonly signal: AbortSignal;
  readonly settings?: ModelSettings;
  /** Reads a blob that a file part names. Called only for parts that the model takes. */
  readonly loadBlob: (sha256: string) => Promise<BlobContent>;
  /** Keeps a file that the model made and answers its sha-256. Without it such a file becomes an error part. */
  readonly saveBlob?: (content: BlobContent) => Promise<string>;
  /** True when several people write in the thread: the model is then told who said what. */
  readonly speakerLabels: boolean;
  /** Milliseconds since the epoch, UTC; the system's clock when absent. */
  readonly now?: number;
}

export type FinishReason = "stop" | "tool-calls" | "length" | "content-filter" | "error" | "other";

/** `part` is the part's index in the `parts` of `step-end`, counted from 0 and never reused. */
export type ModelEvent =
  | {
      readonly type: "text-delta";
      readonly part: number;
      /** Never empty. The deltas of a part, joined, are exactly its final text. */
      readonly text: string;
    }
  | {
      readonly type: "reasoning-delta";
      readonly part: number;
      /** As for text. */
      readonly text: string;
    }
  | {
      readonly type: "tool-call-start";
      readonly part: number;
      /** As the provider gave it: unique within the step, not always within the thread. */
      readonly callId: string;
      readonly name: string;
    }
  | {
      readonly type: "tool-input-delta";
      readonly part: number;
      readonly callId: string;
      readonly text: string;
    }
  | {
      readonly type: "step-end";
      readonly parts: readonly Part[];
      readonly finish: FinishReason;
      /** `undefined` when the provider reported none. */
      readonly usage: Usage | undefined;
      /** The id that the call is billed and shown under, for example `openai/gpt-5`. */
      readonly model: string;
    };

/** One language model, called one step at a time. */
export interface Model {
  /** For example `openai/gpt-5`, or `demo`. */
  readonly id: string;
  readonly isDemo?: boolean;
  /** Whether a file part of this media type may be sent. */
  supports(mediaType: string): boolean;
  /** Runs exactly one step; the last event is `step-end`, and there is only one.
   *  Retries nothing and executes no tool. An implementation must not keep state between calls.
   *  @throws SkeinError  `aborted` promptly once the signal fires; `model_error` with `details`
   *    `{ isRetryable, status? }` and, where the provider said so, `retryAfterMs`;
   *    `unsupported_part` for a part that the model cannot take. Errors hold no keys, headers or bodies. */
  stream(request: ModelRequest): AsyncIterable<ModelEvent>;
}
