import type { Engine, MessageInput, RunInput } from "../engine/engine.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import type { FilePart, Part } from "../model/part.ts";
import type { AgentRegistry } from "./agent-registry.ts";
import type { Model } from "./models/model.ts";
import { isTextual } from "./models/media-type.ts";
import { modelName } from "./model-name.ts";

/** Refuses files that the model of the run cannot take, before anything is stored. Costs nothing without files.
 *  @param threadAgent  asked for only when it matters
 *  @throws SkeinError  `unsupported_part` */
export async function checkFiles(
  agents: AgentRegistry,
  messages: readonly Pick<MessageInput, "content">[],
  run: Pick<RunInput, "agentId" | "model"> | undefined,
  threadAgent: () => Promise<string | null>,
): Promise<void> {
  const files = run === undefined || !Array.isArray(messages) ? [] : filesIn(messages);
  if (run === undefined || files.length === 0) return;
  const name = run.agentId ?? (await threadAgent()) ?? agents.defaultName;
  // What a function does with files is its own affair.
  const hasModel = agents.has(name) && agents.get(name).handler === undefined;
  const model = hasModel ? await modelOf(agents, name, run) : undefined;
  const refused = files.find(({ mediaType }) => model?.supports(mediaType) === false);
  if (model === undefined || refused === undefined) return;
  const what = refused.filename ?? `a file of type ${refused.mediaType}`;
  throw new SkeinError("unsupported_part", `${modelName(model)} cannot take ${what}.`, {
    field: "parts",
    details: { model: model.id, mediaType: refused.mediaType },
  });
}

/** The agent of a thread; `null` where there is none, also when the caller sees no such thread: the write will say so. */
export async function agentOfThread(
  engine: Pick<Engine, "get">,
  threadId: string,
  userId: string | undefined,
): Promise<string | null> {
  const caller = userId === undefined ? {} : { userId };
  try {
    return (await engine.get(threadId, caller)).agentId;
  } catch (error) {
    if (isSkeinError(error)) return null;
    throw error;
  }
}

// Text is sent as text, and what a provider has itself only the provider can judge.
function filesIn(messages: readonly Pick<MessageInput, "content">[]): readonly FilePart[] {
  return messages.flatMap(({ content }) =>
    // What is not a list is refused with the rest of the input.
    typeof content === "string" || !Array.isArray(content)
      ? []
      : content.filter(
          (part: Part): part is FilePart =>
            part.type === "file" &&
            (part.source.kind === "blob" || part.source.kind === "url") &&
            !isTextual(part.mediaType),
        ),
  );
}

/** A model that cannot be loaded fails the run, which tells why. */
async function modelOf(
  agents: AgentRegistry,
  name: string,
  run: RunInput,
): Promise<Model | undefined> {
  try {
    return await agents.modelFor(agents.get(name), run.model);
  } catch {
    return undefined;
  }
}
