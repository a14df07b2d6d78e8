import { messageTokens } from "../../model/message-tokens.ts";
import { SkeinError } from "../../model/error.ts";
import { MAIN, messagesOn } from "../../model/thread.ts";
import type { BranchHead } from "../../model/thread.ts";
import { DEFAULT_LAST_MESSAGES } from "../../model/window.ts";
import type { Window } from "../../model/window.ts";
import type { Engine } from "../../engine/engine.ts";
import { branchOf } from "../../engine/messages.ts";
import type { CallOptions } from "../../engine/call.ts";
import type { Agent } from "../agent.ts";
import { loadContext } from "../load-context.ts";
import type { LoadedContext } from "../load-context.ts";
import { modelRequest } from "../model-request.ts";
import { tokenizerFor } from "../models/tokenizer.ts";
import type { RunServices } from "../run-context.ts";
import type { ContextReport } from "./context-report.ts";

export interface ContextQuery {
  /** Default: the thread's agent. */
  readonly agentId?: string;
  /** Default `main`. */
  readonly branch?: string;
  /** As the thread was at this version. */
  readonly at?: number;
}

/** What an agent's model would get if it were asked now. Asks no model, and writes nothing. */
export async function showContext(
  services: Pick<RunServices, "agents" | "clock">,
  engine: Pick<Engine, "loadHead" | "store">,
  threadId: string,
  query: ContextQuery = {},
  options: CallOptions = {},
): Promise<ContextReport> {
  const { agents } = services;
  const { at, branch: name = MAIN } = query;
  const head = await engine.loadHead(threadId, { ...options, ...(at !== undefined && { at }) });
  const branch = branchOf(head, name);
  const agent = agents.get(query.agentId ?? head.profile.agentId ?? agents.defaultName);
  const model = await modelIdOf(services, agent);
  const policy = agent.context ?? {};
  const { name: tokenizer, count } = await tokenizerFor(model ?? "", policy);
  const loaded = await loadContext(engine.store, {
    profile: head.profile,
    branch,
    policy,
    open: new Set(head.activity.open.map(({ messageId }) => messageId)),
    countTokens: count,
  });
  const request = modelRequest({
    agent,
    tools: [],
    instructions: undefined,
    thread: head.profile,
    messages: loaded.messages,
    signal: new AbortController().signal,
    now: services.clock(),
    loadBlob: noFiles,
  });
  const messages = request.messages.map((message) => ({
    message,
    tokens: messageTokens(message, count),
  }));
  const system = request.system ?? null;
  const told = loaded.summary;
  return {
    threadId,
    agentId: agent.name,
    model,
    branch: name,
    version: head.version,
    system,
    messages,
    tokens: {
      system: messageTokens(
        { parts: system === null ? [] : [{ type: "text", text: system }] },
        count,
      ),
      messages: messages.reduce((sum, { tokens }) => sum + tokens, 0),
    },
    tokenizer,
    tokenBudget: policy.tokenBudget ?? null,
    lastMessages: policy.lastMessages ?? DEFAULT_LAST_MESSAGES,
    summary:
      told === undefined
        ? null
        : {
            threadId: told.ref.threadId,
            version: told.ref.version,
            messages: told.compaction.messages,
            messageId: told.ref.messageId,
            depth: told.ref.depth,
            model: told.compaction.model,
          },
    leftOut: [...unreadIn(loaded, branch), ...runsOf(loaded.window)],
    elided: loaded.window.elided,
  };
}

/** The older messages of the path that were not read. */
function unreadIn(
  { window, summary, newest }: LoadedContext,
  branch: BranchHead,
): ContextReport["leftOut"] {
  const read = new Set(
    [...window.messages, ...window.leftOut.map(({ message }) => message)].map(({ id }) => id),
  );
  const closings = window.messages.filter(({ id }) => id.endsWith(":closed")).length;
  const unread = messagesOn(branch) - (read.size - closings);
  if (unread <= 0) return [];
  const oldest = newest[0]?.depth ?? 0;
  const covered = Math.min(unread, Math.max(0, Math.min((summary?.ref.depth ?? -1) + 1, oldest)));
  const others = unread - covered;
  const why = window.leftOut.find(({ reason }) => reason === "token_budget")
    ? "token_budget"
    : "last_messages";
  return [
    ...(covered > 0 ? [{ reason: "summarized", messages: covered } as const] : []),
    ...(others > 0 ? [{ reason: why, messages: others } as const] : []),
  ];
}

function runsOf({ leftOut }: Window): ContextReport["leftOut"] {
  const runs: ContextReport["leftOut"][number][] = [];
  for (const { message, reason } of leftOut) {
    const last = runs.at(-1);
    if (last?.reason === reason)
      runs[runs.length - 1] = { ...last, messages: last.messages + 1, lastMessageId: message.id };
    else runs.push({ reason, messages: 1, firstMessageId: message.id, lastMessageId: message.id });
  }
  return runs;
}

async function modelIdOf(
  { agents }: Pick<RunServices, "agents">,
  agent: Agent,
): Promise<string | null> {
  if (agent.handler !== undefined) return null;
  try {
    return (await agents.modelFor(agent)).id;
  } catch {
    return null;
  }
}

async function noFiles(): Promise<never> {
  throw new SkeinError("internal", "No file is read to show a context.");
}
