import { z } from "zod";
import { wireAgent, wireSearchHit } from "../../../protocol/answer.ts";
import type { WireAgent } from "../../../protocol/answer.ts";
import { cursorParameter, limitParameter, noParameters } from "../../../protocol/query.ts";
import { wireId } from "../../../protocol/schema.ts";
import type { Agent } from "../../../agents/agent.ts";
import { modelName } from "../../../agents/model-name.ts";
import { json, nextLink } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { hitToWire } from "../thread-to-wire.ts";

export const findRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/search",
    id: "search",
    tag: "search",
    summary:
      'Full text of titles, messages and tool output. All words must occur; "a phrase", -not, OR and prefix* work. `Skein-Index-Lag` counts messages that are not yet indexed',
    status: 200,
    answer: z.array(wireSearchHit),
    errors: ["thread_not_found", "thread_deleted", "invalid_cursor", "unsupported_capability"],
    query: z.strictObject({
      q: z.string().min(1).max(1_000),
      thread_id: wireId.exactOptional(),
      order: z.enum(["rank", "recent"]).exactOptional(),
      limit: limitParameter.exactOptional(),
      cursor: cursorParameter.exactOptional(),
    }),
    body: null,
    handle: async ({ skein, query, reading, request }) => {
      const { q: text, thread_id: threadId, ...rest } = query;
      const input = { ...rest, text, ...(threadId !== undefined && { threadId }) };
      const page = await skein.search(input, reading);
      return json(page.items.map(hitToWire), 200, {
        ...nextLink(request.url, page.nextCursor),
        "skein-index-lag": String(page.indexLag),
      });
    },
  }),
  route({
    method: "GET",
    path: "/agents",
    id: "listAgents",
    tag: "agents",
    summary: "The agents that can be asked",
    status: 200,
    answer: z.array(wireAgent),
    query: noParameters,
    body: null,
    handle: ({ skein }) => json(skein.agents.map(agentToWire)),
  }),
];

function agentToWire({ name, description, model, tools = [] }: Agent): WireAgent {
  return {
    name,
    description: description ?? null,
    model: model === undefined ? null : modelName(model),
    tools: tools.map((tool) => ({ name: tool.name, description: tool.description })),
  };
}
