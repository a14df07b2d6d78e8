import { noParameters } from "../../../protocol/query.ts";
import {
  continueBody,
  linkBody,
  relatedQuery,
  subAgentBody,
  summaryThreadBody,
  wireRelatedThreads,
  wireRelationships,
} from "../../../protocol/relation.ts";
import { wireThread } from "../../../protocol/thread.ts";
import { writeBody } from "../../../protocol/write-body.ts";
import { refuseOwnId } from "../own-ids.ts";
import { relatedToWire, relationshipsToWire } from "../related-to-wire.ts";
import { json, threadResponse } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";

/** What threads are to one another. */
export const relationRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads/{thread_id}/related",
    id: "listRelatedThreads",
    tag: "relations",
    summary:
      "The threads around a thread and the links among them, as far as the caller may see them; `kinds` says what is followed",
    status: 200,
    answer: wireRelatedThreads,
    query: relatedQuery,
    body: null,
    handle: async ({ skein, params, query, reading }) =>
      json(relatedToWire(await skein.related(params.thread_id, query, reading))),
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/relationships",
    id: "getRelationships",
    tag: "relations",
    summary: "What stands next to a thread: its parent, summaries and children",
    status: 200,
    answer: wireRelationships,
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading }) =>
      json(relationshipsToWire(await skein.getRelatedThreads(params.thread_id, reading))),
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/links",
    id: "linkThreads",
    tag: "relations",
    summary: "Links two threads, in both at once",
    status: 200,
    answer: wireThread,
    errors: ["link_cycle", "limit_exceeded"],
    query: noParameters,
    body: linkBody,
    handle: async ({ skein, params, body, writing }) => {
      const { kind, thread_id: threadId, data } = body;
      const link = { kind, threadId, ...(data !== undefined && { data }) };
      return threadResponse(await skein.link(params.thread_id, link, writing));
    },
  }),
  route({
    method: "DELETE",
    path: "/threads/{thread_id}/links/{kind}/{other_id}",
    id: "unlinkThreads",
    tag: "relations",
    summary: "Takes a link out of both threads",
    status: 200,
    answer: wireThread,
    query: noParameters,
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, writing }) => {
      const link = { kind: params.kind, threadId: params.other_id };
      return threadResponse(await skein.unlink(params.thread_id, link, writing));
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/summaries",
    id: "createSummaryThread",
    tag: "relations",
    summary: "Makes a thread that has a summary of this one",
    status: 201,
    answer: wireThread,
    errors: ["metadata_too_large", "limit_exceeded"],
    query: noParameters,
    body: summaryThreadBody,
    handle: async ({ skein, params, body, writing }) =>
      threadResponse(await skein.createSummaryThread(params.thread_id, body.summary, writing), 201),
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/continue",
    id: "continueThread",
    tag: "relations",
    summary: "Goes on in a new thread and archives this one",
    status: 201,
    answer: wireThread,
    errors: ["thread_continued", "run_active", "id_conflict"],
    query: noParameters,
    body: continueBody,
    isBodyOptional: true,
    handle: async ({ skein, caller, params, body, writing }) => {
      const { summary, id, title } = body;
      refuseOwnId(caller, id);
      const input = {
        ...(summary !== undefined && { summary }),
        ...(id !== undefined && { id }),
        ...(title !== undefined && { title }),
      };
      return threadResponse(await skein.continueThread(params.thread_id, input, writing), 201);
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/sub-agents",
    id: "createSubAgentThread",
    tag: "relations",
    summary:
      "Makes a thread for a task beside this one; nobody works on it until a run is asked for",
    status: 201,
    answer: wireThread,
    errors: ["agent_not_found", "limit_exceeded"],
    query: noParameters,
    body: subAgentBody,
    handle: async ({ skein, params, body, writing }) => {
      const { task, agent_id: agentId } = body;
      if (agentId !== undefined) skein.agent(agentId);
      const options = { ...writing, ...(agentId !== undefined && { agentId }) };
      return threadResponse(await skein.spawnSubAgentThread(params.thread_id, task, options), 201);
    },
  }),
];
