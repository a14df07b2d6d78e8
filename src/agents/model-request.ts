import { callIdsOf } from "../model/part.ts";
import type { MessageBody } from "../model/message.ts";
import type { ThreadProfile } from "../model/thread.ts";
import type { Agent, Tool } from "./agent.ts";
import { heardBy } from "./heard-by.ts";
import { hasSeveralSpeakers, speakersIn } from "./load-context.ts";
import type { BlobContent, ModelRequest } from "./models/model.ts";
import { systemPromptOf } from "./prompt.ts";
import { modelToolOf } from "./tool-input.ts";

export interface RequestInput {
  readonly agent: Agent;
  /** What the model may call. */
  readonly tools: readonly Tool[];
  /** Of the run, instead of the agent's. */
  readonly instructions: string | undefined;
  readonly thread: Pick<ThreadProfile, "owner" | "members" | "metadata">;
  readonly messages: readonly MessageBody[];
  readonly signal: AbortSignal;
  readonly now: number;
  readonly loadBlob: (sha256: string) => Promise<BlobContent>;
  readonly saveBlob?: (content: BlobContent) => Promise<string>;
}

export function modelRequest(input: RequestInput): ModelRequest {
  const { agent, thread, signal, now } = input;
  const messages = heardBy(agent.name, input.messages);
  const speakerLabels = hasSeveralSpeakers(messages, thread.members);
  const people = speakerLabels
    ? [...new Set([thread.owner, ...Object.keys(thread.members), ...speakersIn(messages)])]
    : [];
  return {
    system: systemPromptOf({
      agent,
      instructions: input.instructions,
      metadata: thread.metadata,
      people,
    }),
    messages,
    tools: input.tools.map(modelToolOf),
    signal,
    speakerLabels,
    now,
    loadBlob: input.loadBlob,
    ...(input.saveBlob && { saveBlob: input.saveBlob }),
    ...(agent.settings && { settings: agent.settings }),
  };
}

/** Ids that a new tool call must not have. */
export function callIdsIn(messages: readonly MessageBody[]): readonly string[] {
  return messages.flatMap(({ parts }) => callIdsOf(parts));
}
