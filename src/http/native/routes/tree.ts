import { wirePosted, wireStartedRun, wireTrim } from "../../../protocol/answer.ts";
import type { WireTrim } from "../../../protocol/answer.ts";
import {
  editMessageBody,
  regenerateBody,
  truncateBody,
} from "../../../protocol/message-requests.ts";
import { noParameters } from "../../../protocol/query.ts";
import { forkBody, restoreBody, trimBody } from "../../../protocol/thread-requests.ts";
import { wireThread } from "../../../protocol/thread.ts";
import { answerWithRun, postedBody } from "../answer-with-run.ts";
import type { Call } from "../call.ts";
import { contentFromWire } from "../content-from-wire.ts";
import { refuseOwnId } from "../own-ids.ts";
import { runInput } from "../post-message.ts";
import { etagOf, json, threadResponse } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { threadToWire } from "../thread-to-wire.ts";

type EditPath = "/threads/{thread_id}/messages/{message_id}/edit";

/** Routes that cut, bend or copy a thread's tree. */
export const treeRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/threads/{thread_id}/messages/{message_id}/edit",
    id: "editMessage",
    tag: "messages",
    summary: "Replaces a message by a sibling; the old path stays as a branch",
    status: 201,
    answer: wirePosted,
    mediaTypes: ["text/event-stream"],
    errors: [
      "blob_not_found",
      "unsupported_part",
      "unknown_tool_call",
      "tool_calls_open",
      "agent_not_found",
      "message_not_found",
      "branch_not_found",
      "run_active",
      "tool_group_split",
    ],
    query: noParameters,
    body: editMessageBody,
    handle: async (call) => {
      const { skein, params, body, writing } = call;
      const { branch } = body;
      const isAsked = body.run ?? (await isFromUser(call));
      const result = await skein.edit(
        params.thread_id,
        params.message_id,
        {
          content: await contentFromWire(call, body.message),
          ...(branch !== undefined && { branch }),
          ...(isAsked && { run: runInput(body) }),
        },
        writing,
      );
      return answerWithRun(call, {
        result,
        wait: body.wait,
        body: ([message], run) => postedBody(result, message, run),
      });
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/regenerate",
    id: "regenerate",
    tag: "messages",
    summary: "Answers a turn again; the old answer stays as a branch",
    status: 201,
    answer: wireStartedRun,
    mediaTypes: ["text/event-stream"],
    errors: ["agent_not_found", "message_not_found", "branch_not_found", "run_active"],
    query: noParameters,
    body: regenerateBody,
    isBodyOptional: true,
    handle: async (call) => {
      const { skein, params, body, writing } = call;
      const { message_id: messageId, branch } = body;
      const input = {
        ...(messageId !== undefined && { messageId }),
        ...(branch !== undefined && { branch }),
        run: runInput(body),
      };
      const result = await skein.regenerate(params.thread_id, input, writing);
      return answerWithRun(call, {
        result,
        wait: body.wait,
        body: (_messages, run) => postedBody(result, undefined, run),
      });
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/truncate",
    id: "truncateThread",
    tag: "messages",
    summary: "Moves a branch back to an earlier message; what is cut off stays as a branch",
    status: 200,
    answer: wireThread,
    errors: ["message_not_found", "branch_not_found", "run_active", "tool_group_split", "trimmed"],
    query: noParameters,
    body: truncateBody,
    handle: async ({ skein, params, body, writing }) => {
      const { branch, message_id: to, multitask_strategy: strategy } = body;
      const options = {
        ...writing,
        ...(branch !== undefined && { branch }),
        ...(strategy !== undefined && { strategy }),
      };
      return threadResponse(await skein.truncate(params.thread_id, to, options));
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/fork",
    id: "forkThread",
    tag: "threads",
    summary: "A new thread that shares the messages up to a point",
    status: 201,
    answer: wireThread,
    errors: [
      "message_not_found",
      "branch_not_found",
      "version_not_found",
      "trimmed",
      "id_conflict",
    ],
    query: noParameters,
    body: forkBody,
    isBodyOptional: true,
    handle: async ({ skein, caller, params, body, writing }) => {
      const { id, branch, message_id: messageId, at, title } = body;
      refuseOwnId(caller, id);
      const input = {
        ...(id !== undefined && { id }),
        ...(branch !== undefined && { branch }),
        ...(messageId !== undefined && { messageId }),
        ...(at !== undefined && { at }),
        ...(title !== undefined && { title }),
      };
      return threadResponse(await skein.fork(params.thread_id, input, writing), 201);
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/restore",
    id: "restoreThread",
    tag: "threads",
    summary: "Brings heads, title, tags and metadata of an earlier version back, by new entries",
    status: 200,
    answer: wireThread,
    errors: ["version_not_found", "trimmed", "run_active"],
    query: noParameters,
    body: restoreBody,
    handle: async ({ skein, params, body, writing }) =>
      threadResponse(await skein.restoreVersion(params.thread_id, body.version, writing)),
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/trim",
    id: "trimThread",
    tag: "threads",
    summary:
      "Lets go of old messages and of the log before now, for good; system messages and whole turns stay",
    status: 200,
    answer: wireTrim,
    errors: ["run_active", "trimmed"],
    query: noParameters,
    body: trimBody,
    handle: async ({ skein, params, body, writing }) => {
      const { keep_last: keepLast, before, dry_run: dryRun } = body;
      const input = {
        ...(keepLast !== undefined && { keepLast }),
        ...(before !== undefined && { before: Date.parse(before) }),
      };
      const options = { ...writing, ...(dryRun !== undefined && { dryRun }) };
      const { thread, branches } = await skein.trim(params.thread_id, input, options);
      const answer: WireTrim = { thread: threadToWire(thread), branches };
      return json(answer, 200, etagOf(thread.version));
    },
  }),
];

async function isFromUser({
  skein,
  params,
  reading,
}: Pick<Call<EditPath, unknown, unknown>, "skein" | "params" | "reading">): Promise<boolean> {
  const { role } = await skein.message(params.thread_id, params.message_id, reading);
  return role === "user";
}
