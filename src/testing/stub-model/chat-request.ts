/** What a client sent to `POST /v1/chat/completions`, as far as the stub looks at it. */
export interface ChatRequest {
  readonly model: string;
  readonly isStream: boolean;
  readonly hasUsage: boolean;
  readonly messages: readonly ChatMessage[];
  /** The body as it came. */
  readonly body: unknown;
}

export interface ChatMessage {
  readonly role: string;
  readonly text: string;
  readonly toolCallId: string | undefined;
  readonly toolCalls: readonly { readonly id: string; readonly name: string }[];
}

/** Reads a body leniently; `undefined` when it is no chat request. */
export function readChatRequest(body: unknown): ChatRequest | undefined {
  const fields = record(body);
  if (!Array.isArray(fields["messages"]) || fields["messages"].length === 0) return undefined;
  return {
    model: typeof fields["model"] === "string" ? fields["model"] : "stub",
    isStream: fields["stream"] === true,
    hasUsage: record(fields["stream_options"])["include_usage"] === true,
    messages: fields["messages"].map(readMessage),
    body,
  };
}

function readMessage(message: unknown): ChatMessage {
  const { role, content, tool_call_id: toolCallId, tool_calls: calls } = record(message);
  return {
    role: String(role),
    text: readText(content),
    toolCallId: typeof toolCallId === "string" ? toolCallId : undefined,
    toolCalls: (Array.isArray(calls) ? calls : []).map((call) => ({
      id: String(record(call)["id"]),
      name: String(record(record(call)["function"])["name"]),
    })),
  };
}

function readText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => {
      const { type, text } = record(part);
      return typeof text === "string" ? text : `[${String(type)}]`;
    })
    .join("\n");
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
