import type { Engine } from "../../../src/engine/engine.ts";
import type { RelationCalls } from "../../../src/engine/relations/relation-calls.ts";
import type { Loose } from "../loose.ts";
import { threadFromWire } from "./from-wire.ts";
import { path } from "./remote.ts";
import type { Remote } from "./remote.ts";
import { askThread } from "./thread-calls.ts";

type Calls = RelationCalls & Pick<Engine, "spawnSubAgentThread">;

export function relationCalls(remote: Remote): Calls {
  const of = (id: string, ...rest: readonly string[]): string => path("threads", id, ...rest);
  return {
    link: (id, { threadId: thread_id, ...link }, options) =>
      askThread(remote, "POST", of(id, "links"), { body: { ...link, thread_id }, options }),
    unlink: (id, { kind, threadId }, options) =>
      askThread(remote, "DELETE", of(id, "links", kind, threadId), { options }),
    related: async (id, { kinds, ...input } = {}, options = {}) => {
      const query = { ...input, kinds: kinds?.join(",") };
      const { body } = await remote.call("GET", of(id, "related"), { query, options });
      const { threads, edges, is_complete: isComplete } = body;
      return { threads: threads.map(threadFromWire), edges, isComplete };
    },
    getRelatedThreads: async (id, options = {}) => {
      const { body } = await remote.call("GET", of(id, "relationships"), { options });
      const thread = (wire: Loose): Loose => wire && threadFromWire(wire);
      return {
        thread: thread(body.thread),
        parent: thread(body.parent),
        summaries: body.summaries.map(thread),
        children: body.children.map(thread),
      };
    },
    createSummaryThread: (id, summary, options) =>
      askThread(remote, "POST", of(id, "summaries"), { body: { summary }, options }),
    continueThread: (id, input = {}, options) =>
      askThread(remote, "POST", of(id, "continue"), { body: { ...input }, options }),
    spawnSubAgentThread: (id, task, { agentId: agent_id, ...options } = {}) =>
      askThread(remote, "POST", of(id, "sub-agents"), { body: { task, agent_id }, options }),
  };
}
