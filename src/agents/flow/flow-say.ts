import { checkMetadata, checkParts } from "../../model/check.ts";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Author, Message, NewMessage } from "../../model/message.ts";
import { text } from "../../model/part.ts";
import type { Part } from "../../model/part.ts";
import { crashPoint } from "../crash-point.ts";
import { invalid } from "./flow-session.ts";
import type { FlowSession } from "./flow-session.ts";
import type { FlowMessage } from "./handler.ts";

const MOST_MESSAGES = 200;
const UPDATE_ATTEMPTS = 10;

/** Says something, once: the message and its step are one commit. */
export function append(session: FlowSession, key: string, message: FlowMessage): Promise<string> {
  return session.perform(async () => {
    const before = session.use(key, "task", "append");
    if (before?.messageId !== undefined) return before.messageId;
    const id = session.flow.services.ids("msg");
    const started = { ...session.step(key, "task", "append"), messageId: id };
    await session.speak(key, async () => {
      const said = { ...messageOf(session, message), id, stepId: started.id };
      crashPoint("before-append");
      await session.commit([{ kind: "message.append", message: said }, session.completed(started)]);
      crashPoint("after-append");
    });
    return id;
  });
}

function messageOf(session: FlowSession, message: FlowMessage): Omit<NewMessage, "id"> {
  const { role = "assistant", content, metadata } = message;
  if (!["system", "developer", "user", "assistant"].includes(role))
    throw invalid("role must be system, developer, user or assistant.");
  if (metadata !== undefined) checkMetadata(metadata);
  return {
    role,
    parts: partsOf(content),
    ...authorOf(session, message),
    ...(metadata && { metadata }),
  };
}

export function partsOf(content: string | readonly Part[]): readonly Part[] {
  const parts = typeof content === "string" ? [text(content)] : content;
  checkParts(parts);
  return parts;
}

function authorOf(
  { flow }: FlowSession,
  { role = "assistant", author }: FlowMessage,
): { readonly author?: Author } {
  if (role === "assistant") return { author: { kind: "agent", id: author ?? flow.agent.name } };
  if (role === "user") return { author: { kind: "user", id: author ?? flow.run.requestedBy } };
  return {};
}

/** The newest messages of the run's branch. */
export async function messages(
  { flow }: FlowSession,
  limit: number = 50,
): Promise<readonly Message[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_MESSAGES)
    throw invalid(`limit must be a whole number from 1 to ${MOST_MESSAGES}.`);
  const { store } = flow.services.engine;
  const [head] = await store.loadHeads([flow.key]);
  const branch = head?.branches[flow.run.branch];
  if (branch === undefined || branch.count === 0) return [];
  const range = { minDepth: 0, maxDepth: branch.count - 1, limit, order: "desc" } as const;
  return (await store.readPath(flow.key.tenant, branch, range)).toReversed();
}

/** Changes the shared state once, whoever else changes it at the same time. */
export function updateState(
  session: FlowSession,
  key: string,
  change: (state: JsonObject) => JsonObject,
): Promise<void> {
  return session.perform(async () => {
    const before = session.use(key, "task", "state");
    if (before?.status === "completed") return;
    const step = session.step(key, "task", "state");
    for (let attempt = 1; ; attempt++) {
      const { value, version } = await sharedState(session);
      const patch = change(value);
      try {
        await session.commit([
          { kind: "state.patch", patch, expectedState: version },
          session.completed(step),
        ]);
        return;
      } catch (error) {
        if (!isSkeinError(error, "version_conflict") || attempt === UPDATE_ATTEMPTS) throw error;
      }
    }
  });
}

export async function sharedState({
  flow,
}: FlowSession): Promise<{ readonly value: JsonObject; readonly version: number }> {
  const [head] = await flow.services.engine.store.loadHeads([flow.key]);
  if (head == null)
    throw new SkeinError("thread_not_found", `There is no thread ${flow.key.id} any more.`);
  const { state = {}, stateVersion = 0 } = head.profile;
  return { value: state, version: stateVersion };
}
