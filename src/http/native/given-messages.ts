import type { MessageInput, RunInput } from "../../engine/engine.ts";
import { SkeinError } from "../../model/error.ts";
import type { GivenMessage, RunOptions } from "../../protocol/batch-requests.ts";
import type { CreateThreadBody } from "../../protocol/thread-requests.ts";
import type { Call } from "./call.ts";
import { contentFromWire } from "./content-from-wire.ts";
import { refuseOwnId } from "./own-ids.ts";

type WritingCall = Pick<Call<string, unknown, unknown>, "skein" | "caller" | "reading">;

/** Several messages, as the engine takes them. */
export async function messagesFromWire(
  call: WritingCall,
  given: readonly GivenMessage[],
): Promise<readonly MessageInput[]> {
  const messages: MessageInput[] = [];
  for (const { content, composed_at: composedAt, usage, cost, ...message } of given) {
    refuseOwnId(call.caller, message.id);
    messages.push({
      ...message,
      content: await contentFromWire(call, content),
      ...(composedAt !== undefined && { composedAt: Date.parse(composedAt) }),
      ...(usage !== undefined && { usage: usageFromWire(usage) }),
      ...(cost !== undefined && {
        cost: { nanoDollars: cost.nano_dollars, unpricedCalls: cost.unpriced_calls },
      }),
    });
  }
  return messages;
}

/** What a thread is made with. `undefined`: no message. */
export async function firstMessages(
  call: WritingCall & { readonly body: CreateThreadBody },
): Promise<readonly MessageInput[] | undefined> {
  const { initial_message: first, messages } = call.body;
  if (first === undefined)
    return messages === undefined ? undefined : messagesFromWire(call, messages);
  if (messages !== undefined)
    throw new SkeinError("invalid_request", "Give initial_message or messages, not both.", {
      field: "messages",
    });
  return [{ content: await contentFromWire(call, first) }];
}

/** How an agent is asked; `undefined`: none is. */
export function runOfWish(wish: boolean | RunOptions): RunInput | undefined {
  if (wish === false) return undefined;
  if (wish === true) return {};
  const { agent_id: agentId, multitask_strategy: strategy, ...others } = wish;
  const { expires_in_ms: expiresInMs, ...rest } = others;
  return {
    ...rest,
    ...(expiresInMs !== undefined && { expiresInMs }),
    ...(agentId !== undefined && { agentId }),
    ...(strategy !== undefined && { strategy }),
  };
}

function usageFromWire(
  usage: NonNullable<GivenMessage["usage"]>,
): NonNullable<MessageInput["usage"]> {
  const { reasoning_tokens: reasoningTokens, cached_input_tokens: cachedInputTokens } = usage;
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
  };
}
