import type { Wire } from "../cli/workspace.ts";
import type { Cluster } from "./cluster.ts";
import type { Accepted } from "./invariants/scan-accepted.ts";

export interface SayOptions {
  /** The run may end without an answer. */
  readonly mayEnd?: true;
  readonly expiresInMs?: number;
}

/** Somebody who talks to a cluster, decides what it asks, and remembers what was promised. */
export interface Talk {
  readonly accepted: Accepted[];
  readonly threadIds: string[];
  /** A new thread. */
  begin(agentId?: string): Promise<string>;
  /** Says something until it is accepted. */
  say(threadId: string, tag: string, text: string, more?: SayOptions): Promise<Accepted>;
  /** Cancels a run; without an answer it is tried again. */
  cancel(accepted: Accepted): Promise<void>;
  /** Sends the run an event, twice under one key. */
  pay(accepted: Accepted, amount: number): Promise<void>;
  /** Decides everything that waits for a person now. Answers how much it was. */
  decide(): Promise<number>;
  /** Decides until every thread is idle. */
  untilIdle(threadIds?: readonly string[], timeoutMs?: number): Promise<void>;
}

let keys = 0;

export function talkTo(cluster: Cluster): Talk {
  const accepted: Accepted[] = [];
  const threadIds: string[] = [];
  const key = (): string => `key-${process.pid}-${(keys += 1)}`;
  const must = async (path: string, body?: unknown): Promise<Wire> => {
    const answer = await cluster.call(path, body, key());
    if (answer === undefined) throw new Error(`${path} was refused: ${JSON.stringify(body)}`);
    return answer;
  };
  const runPath = ({ threadId, runId }: Pick<Accepted, "threadId" | "runId">): string =>
    `/api/v1/threads/${threadId}/runs/${runId}`;
  const decide = async (): Promise<number> => {
    const items: readonly Wire[] = Object.values(await must("/api/v1/inbox?limit=200"));
    await Promise.all(
      items.map(async ({ thread_id: threadId, run_id: runId, action }) => {
        const path = runPath({ threadId, runId });
        const isClient = action.kind === "tool_output";
        const output = { tool_call_id: action.id, output: { brought: action.id } };
        const decision = { action_id: action.id, ...answerTo(action.kind) };
        // Whoever asks again gets the same answer; an action that was decided meanwhile is refused.
        await (isClient
          ? cluster.call(`${path}/tool_outputs`, { tool_outputs: [output] })
          : cluster.call(`${path}/decisions`, { decisions: [decision] }));
      }),
    );
    return items.length;
  };
  return {
    accepted,
    threadIds,
    async begin(agentId = "assistant") {
      const { id } = await must("/api/v1/threads", { agent_id: agentId });
      threadIds.push(String(id));
      return String(id);
    },
    async say(threadId, tag, text, { mayEnd, expiresInMs } = {}) {
      const posted = { message: text, ...(expiresInMs !== undefined && { run: false }) };
      const { message, run } = await must(`/api/v1/threads/${threadId}/messages`, posted);
      const started =
        expiresInMs === undefined
          ? run
          : (await must(`/api/v1/threads/${threadId}/runs`, { expires_in_ms: expiresInMs }))["run"];
      const told = { threadId, messageId: message.id, runId: started.id, text, tag };
      accepted.push(mayEnd === undefined ? told : { ...told, mayEnd });
      return told;
    },
    async cancel(it) {
      await cluster.call(`${runPath(it)}/cancel`, {});
    },
    async pay(it, amount) {
      const event = { name: "paid", payload: { amount }, dedup_key: `paid-${it.runId}` };
      await cluster.call(`${runPath(it)}/events`, event);
      await cluster.call(`${runPath(it)}/events`, event);
    },
    decide,
    async untilIdle(ids = threadIds, timeoutMs = 90_000) {
      const deadline = performance.now() + timeoutMs;
      for (let waiting = ids; ;) {
        await decide();
        const states = await Promise.all(waiting.map((id) => must(`/api/v1/threads/${id}`)));
        waiting = waiting.filter((_id, index) => states[index]?.["status"] !== "idle");
        // What is not idle by then is found by the scan.
        if (waiting.length === 0 || performance.now() > deadline) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

function answerTo(kind: string): object {
  switch (kind) {
    case "approval":
      return { decision: "approve" };
    case "verify":
      return { decision: "output", output: "A person looked: it was done." };
    default:
      return { decision: "output", output: "yes" };
  }
}
