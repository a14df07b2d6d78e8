import type { Json, JsonObject } from "../model/json.ts";
import type { Part } from "../model/part.ts";
import type { MultitaskStrategy } from "../model/run.ts";

/** Given to every call, last. */
export interface CallOptions {
  /** Acts as this user: sees the user's own and shared threads only. Without it the engine's own principal acts. */
  readonly userId?: string;
  readonly signal?: AbortSignal;
}

/** Given to every write. */
export interface WriteOptions extends CallOptions {
  /** The version that the caller saw last, 0 of a thread that is to be made; otherwise `version_conflict` and nothing is
   *  written. For a fork it is its origin's. */
  readonly expectedVersion?: number;
  /** The message at the branch's head that the caller saw last (`null`: none); otherwise `version_conflict`. */
  readonly expectedHead?: string | null;
  /** An idempotency key: a repetition with the same key gets the original result and writes nothing. */
  readonly opId?: string;
}

/** Plain text, or parts. */
export type Content = string | readonly Part[];

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; bound to the list, its filter and the principal. Absent on the last page. */
  readonly nextCursor?: string;
}

export interface RunInput {
  /** Name of the agent; default: the thread's, which for a thread that was made without one is the default agent. */
  readonly agentId?: string;
  /** Default `enqueue`. */
  readonly strategy?: MultitaskStrategy;
  readonly model?: string;
  readonly instructions?: string;
  readonly metadata?: JsonObject;
  /** Milliseconds after which the run expires unless it has ended. Default: never. */
  readonly expiresInMs?: number;
  /** For an agent that is a function, at most 32 KiB. */
  readonly input?: Json;
}
