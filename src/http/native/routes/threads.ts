import { z } from "zod";
import type { Json, JsonObject } from "../../../model/json.ts";
import { wireCreated } from "../../../protocol/answer.ts";
import type { WireCreated } from "../../../protocol/answer.ts";
import {
  booleanParameter,
  cursorParameter,
  integerParameter,
  limitParameter,
  noParameters,
  timeParameter,
  versionParameter,
} from "../../../protocol/query.ts";
import { wireId, wireUser } from "../../../protocol/schema.ts";
import { createThreadBody, updateThreadBody } from "../../../protocol/thread-requests.ts";
import { wireThread, wireThreadStats } from "../../../protocol/thread.ts";
import { writeBody } from "../../../protocol/write-body.ts";
import { answerWithRun } from "../answer-with-run.ts";
import { endFromWire, newEndFromWire } from "../end-from-wire.ts";
import { firstMessages, runOfWish } from "../given-messages.ts";
import { messageToWire } from "../message-to-wire.ts";
import { refuseOwnId } from "../own-ids.ts";
import { isKnown } from "../preconditions.ts";
import { etagOf, json, nextLink, noContent, threadResponse } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { runToWire } from "../run-to-wire.ts";
import { statsToWire, threadToWire } from "../thread-to-wire.ts";

const MAX_OFFSET = 1_000_000;

const listQuery = z.strictObject({
  user_id: wireUser.exactOptional(),
  agent_id: wireId.exactOptional(),
  tag: z.string().min(1).exactOptional(),
  metadata: z.record(z.string(), z.string()).exactOptional(),
  status: z.enum(["idle", "active", "requires_action"]).exactOptional(),
  archived: booleanParameter().exactOptional(),
  deleted: booleanParameter().exactOptional(),
  search: z.string().min(1).max(1_000).exactOptional(),
  from_date: timeParameter("start").exactOptional(),
  to_date: timeParameter("end").exactOptional(),
  limit: limitParameter.exactOptional(),
  offset: integerParameter(0, MAX_OFFSET).exactOptional(),
  cursor: cursorParameter.exactOptional(),
});

export const threadRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads",
    id: "listThreads",
    tag: "threads",
    summary: "Threads, newest activity first",
    status: 200,
    answer: z.array(wireThread),
    errors: ["invalid_cursor"],
    query: listQuery,
    body: null,
    handle: async ({ skein, query, reading, request }) => {
      const { user_id: owner, agent_id: agentId, metadata, search: title, ...rest } = query;
      const { from_date: from, to_date: to, ...paging } = rest;
      const page = await skein.list(
        {
          ...paging,
          ...(owner !== undefined && { owner }),
          ...(agentId !== undefined && { agentId }),
          ...(title !== undefined && { title }),
          ...(from !== undefined && { from }),
          ...(to !== undefined && { to }),
          ...(metadata !== undefined && { metadata: metadataFilter(metadata) }),
        },
        reading,
      );
      return json(page.items.map(threadToWire), 200, nextLink(request.url, page.nextCursor));
    },
  }),
  route({
    method: "POST",
    path: "/threads",
    id: "createThread",
    tag: "threads",
    summary:
      "Creates a thread; an initial message is stored and answered like any other, `messages` are stored together",
    status: 201,
    answer: wireCreated,
    mediaTypes: ["text/event-stream"],
    errors: [
      "agent_not_found",
      "metadata_too_large",
      "id_conflict",
      "version_conflict",
      "unknown_tool_call",
      "unsupported_part",
      "blob_not_found",
    ],
    query: noParameters,
    body: createThreadBody,
    isBodyOptional: true,
    handle: async (call) => {
      const { body, skein, writing } = call;
      const { id, title, agent_id: agentId, metadata, tags, members, kind } = body;
      refuseOwnId(call.caller, id);
      const messages = await firstMessages(call);
      const run = runOfWish(body.run ?? body.initial_message !== undefined);
      const strategy = body.multitask_strategy;
      const result = await skein.create(
        {
          ...endFromWire(body),
          ...(id !== undefined && { id }),
          ...(title !== undefined && { title }),
          ...(agentId !== undefined && { agentId }),
          ...(metadata !== undefined && { metadata }),
          ...(tags !== undefined && { tags }),
          ...(members !== undefined && { members }),
          ...(kind !== undefined && { kind }),
          ...(messages !== undefined && { messages }),
          ...(messages !== undefined &&
            run !== undefined && { run: { ...(strategy !== undefined && { strategy }), ...run } }),
        },
        writing,
      );
      const { thread } = result;
      return answerWithRun(call, {
        result,
        wait: body.wait,
        headers: { location: `/api/v1/threads/${thread.id}` },
        body: async (stored, asked, isOver): Promise<WireCreated> => ({
          ...threadToWire(isOver ? await skein.get(thread.id, call.reading) : thread),
          ...(stored[0] !== undefined && { message: messageToWire(stored[0]) }),
          ...(body.messages !== undefined && { messages: stored.map(messageToWire) }),
          ...(asked !== undefined && { run: runToWire(asked) }),
        }),
      });
    },
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}",
    id: "getThread",
    tag: "threads",
    summary: "A thread's header, also as it was at an earlier version",
    status: 200,
    answer: wireThread,
    errors: ["version_not_found", "trimmed"],
    query: z.strictObject({ at: versionParameter.exactOptional() }),
    body: null,
    handle: async ({ skein, params, query, reading, request }) => {
      const thread = await skein.get(params.thread_id, { ...reading, ...query });
      // What an earlier version shows can still change: by a redaction.
      if (query.at !== undefined) return json(threadToWire(thread));
      if (isKnown(request.headers, thread.version))
        return { status: 304, headers: etagOf(thread.version), body: null };
      return threadResponse(thread);
    },
  }),
  route({
    method: "PUT",
    path: "/threads/{thread_id}",
    id: "updateThread",
    tag: "threads",
    summary: "Changes title, metadata (RFC 7396), tags or agent",
    status: 200,
    answer: wireThread,
    errors: ["agent_not_found", "metadata_too_large", "invalid_text"],
    query: noParameters,
    body: updateThreadBody,
    handle: async ({ skein, params, body, writing }) => {
      const { title, metadata, tags, agent_id: agentId } = body;
      const change = {
        ...(title !== undefined && { title }),
        ...(metadata !== undefined && { metadata }),
        ...(tags !== undefined && { tags }),
        ...(agentId !== undefined && { agentId }),
        ...newEndFromWire(body),
      };
      return threadResponse(await skein.update(params.thread_id, change, writing));
    },
  }),
  route({
    method: "DELETE",
    path: "/threads/{thread_id}",
    id: "deleteThread",
    tag: "threads",
    summary: "Deletes a thread; it can be undeleted for 30 days unless purged",
    status: 204,
    query: z.strictObject({ purge: booleanParameter().exactOptional() }),
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, query, writing }) => {
      await skein.delete(params.thread_id, { ...writing, ...query });
      return noContent();
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/undelete",
    id: "undeleteThread",
    tag: "threads",
    summary: "Takes a deletion back",
    status: 200,
    answer: wireThread,
    query: noParameters,
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, writing }) =>
      threadResponse(await skein.undelete(params.thread_id, writing)),
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/archive",
    id: "archiveThread",
    tag: "threads",
    summary: "Archives a thread; a new message takes it out of the archive",
    status: 200,
    answer: wireThread,
    query: noParameters,
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, writing }) =>
      threadResponse(await skein.archive(params.thread_id, writing)),
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/unarchive",
    id: "unarchiveThread",
    tag: "threads",
    summary: "Takes a thread out of the archive",
    status: 200,
    answer: wireThread,
    query: noParameters,
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, writing }) =>
      threadResponse(await skein.unarchive(params.thread_id, writing)),
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/stats",
    id: "getThreadStats",
    tag: "threads",
    summary: "Exact counts, usage and cost of a thread",
    status: 200,
    answer: wireThreadStats,
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading }) =>
      json(statsToWire(await skein.stats(params.thread_id, reading))),
  }),
];

/** `metadata[key]=value`: numbers, `true`, `false`, `null` and quoted texts are read as JSON, anything else is a text. */
function metadataFilter(given: Readonly<Record<string, string>>): JsonObject {
  const filter: Record<string, Json> = {};
  for (const [key, value] of Object.entries(given))
    filter[key] = /^(?:-?\d+(?:\.\d+)?|true|false|null|".*")$/s.test(value) ? parsed(value) : value;
  return filter;
}

function parsed(value: string): Json {
  try {
    const json: Json = JSON.parse(value);
    return json;
  } catch {
    return value;
  }
}
