import type { AppendInput, AppendResult, RunInput } from "../../engine/engine.ts";
import { isSkeinError } from "../../model/error.ts";
import type { PostMessageBody, RunFields } from "../../protocol/message-requests.ts";
import type { Call } from "./call.ts";
import { contentFromWire } from "./content-from-wire.ts";
import { refuseOwnId } from "./own-ids.ts";

type PostCall = Pick<
  Call<"/threads/{thread_id}/messages", unknown, PostMessageBody>,
  "skein" | "caller" | "params" | "body" | "reading" | "writing"
>;

/** Stores a message. In local mode an unknown thread is made by it, unless the body says `if_missing: "error"`. */
export async function postMessage(call: PostCall): Promise<AppendResult> {
  const { skein, caller, params, body, writing } = call;
  refuseOwnId(caller, body.id);
  const input = await appendInput(call);
  try {
    return await skein.append(params.thread_id, input, writing);
  } catch (error) {
    const mayCreate = caller.isLocal && body.if_missing !== "error";
    const isRepeated = isSkeinError(error, "op_conflict") && writing.opId !== undefined;
    if (!mayCreate || !(isRepeated || isSkeinError(error, "thread_not_found"))) throw error;
    if (writing.expectedVersion !== undefined || body.parent_id != null) throw error;
    try {
      return await create(call, input);
    } catch (second) {
      // Somebody made it meanwhile; or the key was really another command's.
      if (isSkeinError(second, "id_conflict") && !isRepeated)
        return skein.append(params.thread_id, input, writing);
      throw isRepeated ? error : second;
    }
  }
}

function create(
  { skein, params, body, writing }: PostCall,
  input: AppendInput,
): Promise<AppendResult> {
  const { messages, run } = input;
  const { agent_id: agentId } = body;
  return skein.create(
    {
      id: params.thread_id,
      messages,
      ...(agentId !== undefined && { agentId }),
      ...(run !== undefined && { run }),
    },
    writing,
  );
}

async function appendInput(call: PostCall): Promise<AppendInput> {
  const { body } = call;
  const { id, role = "user", message, branch, parent_id: parentId, metadata } = body;
  const isAsked = body.run ?? (role === "user" || role === "tool");
  return {
    ...(branch !== undefined && { branch }),
    ...(parentId !== undefined && { parentId }),
    messages: [
      {
        ...(id !== undefined && { id }),
        role,
        content: typeof message === "string" ? message : await contentFromWire(call, message),
        ...(metadata !== undefined && { metadata }),
      },
    ],
    ...(isAsked && { run: runInput(body) }),
  };
}

/** How the agent is asked. */
export function runInput({
  agent_id: agentId,
  multitask_strategy: strategy,
  expires_in_ms: expiresInMs,
}: RunFields): RunInput {
  return {
    ...(expiresInMs !== undefined && { expiresInMs }),
    ...(agentId !== undefined && { agentId }),
    ...(strategy !== undefined && { strategy }),
  };
}
