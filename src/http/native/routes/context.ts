import {
  contextQuery,
  summarizeBody,
  summaryQuery,
  wireContext,
  wireMadeSummary,
  wireSummary,
} from "../../../protocol/context.ts";
import { noParameters } from "../../../protocol/query.ts";
import { contextToWire, madeSummaryToWire, summaryToWire } from "../context-to-wire.ts";
import { json } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";

/** What of a thread models are shown, and what they make of it. */
export const contextRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads/{thread_id}/context",
    id: "getContext",
    tag: "threads",
    summary:
      "What the model of an agent would get of a thread now, and why it would not get the rest",
    status: 200,
    answer: wireContext,
    errors: [
      "thread_not_found",
      "thread_deleted",
      "agent_not_found",
      "branch_not_found",
      "version_not_found",
      "trimmed",
    ],
    query: contextQuery,
    body: null,
    handle: async ({ skein, params, query, reading }) => {
      const { agent_id: agentId, branch, at } = query;
      const report = await skein.context(
        params.thread_id,
        {
          ...(agentId !== undefined && { agentId }),
          ...(branch !== undefined && { branch }),
          ...(at !== undefined && { at }),
        },
        reading,
      );
      return json(contextToWire(report));
    },
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/summary",
    id: "getSummary",
    tag: "threads",
    summary:
      "The newest summary of a thread, and whether it is stale; `null` when there is none, or a message was redacted since",
    status: 200,
    answer: wireSummary,
    errors: ["thread_not_found", "thread_deleted", "branch_not_found"],
    query: summaryQuery,
    body: null,
    handle: async ({ skein, params, query, reading }) => {
      const summary = await skein.summary(params.thread_id, query, reading);
      return json(summary && summaryToWire(summary));
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/summary",
    id: "summarizeThread",
    tag: "threads",
    summary:
      "Sums a thread up, or goes on with what is new; the parts that were made stay when it fails",
    status: 200,
    answer: wireMadeSummary,
    errors: [
      "thread_not_found",
      "thread_deleted",
      "agent_not_found",
      "branch_not_found",
      "model_not_configured",
      "model_error",
      "timeout",
    ],
    query: noParameters,
    body: summarizeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, body, writing }) => {
      const { model, agent_id: agentId, style, branch, fresh, chunk_tokens: chunkTokens } = body;
      const { userId } = writing;
      const caller = userId === undefined ? {} : { userId };
      const made = await skein.summarize(
        params.thread_id,
        {
          ...(model !== undefined && { model }),
          ...(agentId !== undefined && { agentId }),
          ...(style !== undefined && { style }),
          ...(branch !== undefined && { branch }),
          ...(fresh !== undefined && { fresh }),
          ...(chunkTokens !== undefined && { chunkTokens }),
        },
        caller,
      );
      const kept =
        body.thread === true
          ? await skein.createSummaryThread(params.thread_id, made.text, caller)
          : null;
      return json(madeSummaryToWire(made, kept && kept.id));
    },
  }),
];
