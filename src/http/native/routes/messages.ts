import { z } from "zod";
import { wirePosted } from "../../../protocol/answer.ts";
import { wireMessage } from "../../../protocol/message.ts";
import { annotateBody, postMessageBody, redactBody } from "../../../protocol/message-requests.ts";
import { limitParameter, noParameters, versionParameter } from "../../../protocol/query.ts";
import { wireBranchName, wireId } from "../../../protocol/schema.ts";
import { writeBody } from "../../../protocol/write-body.ts";
import { answerWithRun, postedBody } from "../answer-with-run.ts";
import { messageToWire } from "../message-to-wire.ts";
import { postMessage } from "../post-message.ts";
import { isKnown } from "../preconditions.ts";
import { etagOf, json, noContent, pageLinks } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";

const pageQuery = z.strictObject({
  limit: limitParameter.exactOptional(),
  before: wireId.exactOptional(),
  after: wireId.exactOptional(),
  branch: wireBranchName.exactOptional(),
  at: versionParameter.exactOptional(),
  order: z.enum(["asc", "desc"]).exactOptional(),
});

export const messageRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads/{thread_id}/messages",
    id: "listMessages",
    tag: "messages",
    summary:
      "A page of a branch: the newest one unless `before` or `after` names a message. Chronological; the link `next` leads away from where the page started, to older pages or, with `after`, to newer ones",
    status: 200,
    answer: z.array(wireMessage),
    errors: ["message_not_found", "branch_not_found", "version_not_found", "trimmed"],
    query: pageQuery,
    body: null,
    handle: async ({ skein, params, query, reading, request }) => {
      const page = await skein.messages(params.thread_id, query, reading);
      // What an earlier version shows can still change: by a redaction or an annotation.
      const etag = query.at === undefined ? etagOf(page.version) : {};
      if (query.at === undefined && isKnown(request.headers, page.version))
        return { status: 304, headers: etag, body: null };
      const [first, last] = query.order === "desc" ? [-1, 0] : [0, -1];
      const oldest = page.messages.at(first)?.id;
      const newest = page.messages.at(last)?.id;
      // Nothing is behind the last message: what is before it is the newest page.
      const before = oldest === undefined ? {} : { before: oldest };
      const isAtEnd = page.messages.length === 0 && query.after !== undefined;
      const older = page.hasOlder && (oldest !== undefined || isAtEnd) ? before : undefined;
      const newer = page.hasNewer && newest !== undefined ? { after: newest } : undefined;
      const links =
        query.after === undefined ? { next: older, prev: newer } : { next: newer, prev: older };
      return json(page.messages.map(messageToWire), 200, {
        ...pageLinks(request.url, links),
        ...etag,
        "x-total-count": String(page.total),
        ...(page.trimmed > 0 && { "x-trimmed-count": String(page.trimmed) }),
      });
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/messages",
    id: "postMessage",
    tag: "messages",
    summary: "Adds a message and, unless `run` is false, asks an agent to answer it",
    status: 201,
    answer: wirePosted,
    mediaTypes: ["text/event-stream"],
    errors: [
      "agent_not_found",
      "branch_not_found",
      "message_not_found",
      "unknown_tool_call",
      "unsupported_part",
      "blob_not_found",
      "id_conflict",
      "op_conflict",
      "version_conflict",
      "run_active",
      "tool_calls_open",
    ],
    query: noParameters,
    body: postMessageBody,
    handle: async (call) => {
      const result = await postMessage(call);
      return answerWithRun(call, {
        result,
        wait: call.body.wait,
        body: ([message], run) => postedBody(result, message, run),
      });
    },
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/messages/{message_id}",
    id: "getMessage",
    tag: "messages",
    summary: "A message, on any branch",
    status: 200,
    answer: wireMessage,
    errors: ["message_not_found"],
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading }) =>
      json(messageToWire(await skein.message(params.thread_id, params.message_id, reading))),
  }),
  route({
    method: "DELETE",
    path: "/threads/{thread_id}/messages/{message_id}",
    id: "discardMessage",
    tag: "messages",
    summary: "Takes a queued message back",
    status: 204,
    errors: ["message_not_found"],
    query: noParameters,
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, writing }) => {
      const thread = await skein.discard(params.thread_id, params.message_id, writing);
      return noContent(etagOf(thread.version));
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/messages/{message_id}/redact",
    id: "redactMessage",
    tag: "messages",
    summary: "Erases what a message says, at every version and in the search index",
    status: 200,
    answer: wireMessage,
    errors: ["message_not_found"],
    query: noParameters,
    body: redactBody,
    isBodyOptional: true,
    handle: async ({ skein, params, body, writing }) => {
      const { reason } = body;
      const options = { ...writing, ...(reason !== undefined && { reason }) };
      return json(messageToWire(await skein.redact(params.thread_id, params.message_id, options)));
    },
  }),
  route({
    method: "PUT",
    path: "/threads/{thread_id}/messages/{message_id}/metadata",
    id: "annotateMessage",
    tag: "messages",
    summary: "Adds to a message's metadata",
    status: 200,
    answer: wireMessage,
    errors: ["message_not_found", "metadata_too_large"],
    query: noParameters,
    body: annotateBody,
    handle: async ({ skein, params, body, writing }) =>
      json(
        messageToWire(
          await skein.annotate(params.thread_id, params.message_id, body.metadata, writing),
        ),
      ),
  }),
];
