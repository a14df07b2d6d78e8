/** One scripted answer. Absent fields mean: nothing of that kind. */
export interface StubReply {
  readonly reasoning?: string;
  readonly text?: string;
  readonly toolCalls?: readonly StubToolCall[];
  /** Milliseconds before each chunk, default 0. */
  readonly delayMs?: number;
  /** Default: `tool_calls` when there are calls, else `stop`. */
  readonly finish?: "stop" | "length" | "tool_calls" | "content_filter";
  /** Default: estimated from the text; `null` reports none. */
  readonly usage?: StubUsage | null;
  /** Answers this instead of a stream. */
  readonly failure?: StubFailure;
  /** Cuts the connection after this many chunks. */
  readonly breakAfterChunks?: number;
  /** Accepts the request and then stays silent until the client leaves. */
  readonly isHanging?: boolean;
}

export interface StubToolCall {
  /** Default `call_` and a number that grows with every call of this server. */
  readonly id?: string;
  readonly name: string;
  /** Sent as it is, in pieces, so that it may also be invalid JSON. */
  readonly arguments: string;
}

export interface StubUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
}

export interface StubFailure {
  readonly status: number;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}
