import { wirePostedMessages } from "../../../protocol/answer.ts";
import type { WirePostedMessages } from "../../../protocol/answer.ts";
import {
  changeTagsBody,
  customEntryBody,
  postMessagesBody,
} from "../../../protocol/batch-requests.ts";
import { noParameters } from "../../../protocol/query.ts";
import { wireThread } from "../../../protocol/thread.ts";
import { answerWithRun } from "../answer-with-run.ts";
import { messagesFromWire, runOfWish } from "../given-messages.ts";
import { messageToWire } from "../message-to-wire.ts";
import { threadResponse } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { runToWire } from "../run-to-wire.ts";
import { threadToWire } from "../thread-to-wire.ts";

/** Routes for programs that keep a thread: several messages at once, single tags, entries of their own. */
export const batchRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/threads/{thread_id}/messages/batch",
    id: "postMessages",
    tag: "messages",
    summary:
      "Adds several messages in one commit, in order: all or none. An agent is asked only with `run`. An unknown thread is not made",
    status: 201,
    answer: wirePostedMessages,
    mediaTypes: ["text/event-stream"],
    errors: [
      "agent_not_found",
      "branch_not_found",
      "message_not_found",
      "unknown_tool_call",
      "unsupported_part",
      "blob_not_found",
      "limit_exceeded",
      "id_conflict",
      "op_conflict",
      "version_conflict",
      "run_active",
      "tool_calls_open",
    ],
    query: noParameters,
    body: postMessagesBody,
    handle: async (call) => {
      const { skein, params, body, reading, writing } = call;
      const { branch, parent_id: parentId } = body;
      const run = runOfWish(body.run ?? false);
      const result = await skein.append(
        params.thread_id,
        {
          ...(branch !== undefined && { branch }),
          ...(parentId !== undefined && { parentId }),
          messages: await messagesFromWire(call, body.messages),
          ...(run !== undefined && { run }),
        },
        writing,
      );
      return answerWithRun(call, {
        result,
        wait: body.wait,
        body: async (messages, asked, isOver): Promise<WirePostedMessages> => ({
          thread: threadToWire(isOver ? await skein.get(params.thread_id, reading) : result.thread),
          messages: messages.map(messageToWire),
          run: asked === undefined ? null : runToWire(asked),
          branch: result.branch,
        }),
      });
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/tags",
    id: "changeTags",
    tag: "threads",
    summary: "Adds and removes single tags; the others stay, whoever else changes them",
    status: 200,
    answer: wireThread,
    errors: ["limit_exceeded"],
    query: noParameters,
    body: changeTagsBody,
    handle: async ({ skein, params, body, writing }) => {
      const { add, remove } = body;
      const change = { ...(add !== undefined && { add }), ...(remove !== undefined && { remove }) };
      return threadResponse(await skein.tag(params.thread_id, change, writing));
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/log",
    id: "addEntry",
    tag: "events",
    summary: "Records an entry `custom` of the caller's own making, which changes nothing else",
    status: 201,
    answer: wireThread,
    query: noParameters,
    body: customEntryBody,
    handle: async ({ skein, params, body, writing }) =>
      threadResponse(await skein.custom(params.thread_id, body.name, body.data, writing), 201),
  }),
];
