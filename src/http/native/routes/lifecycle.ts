import { SkeinError } from "../../../model/error.ts";
import type { OpenInput } from "../../../engine/lifecycle/lifecycle-calls.ts";
import {
  holdBody,
  openThreadBody,
  sweepBody,
  wireSweepReport,
} from "../../../protocol/lifecycle-requests.ts";
import type { OpenThreadBody, WireSweepReport } from "../../../protocol/lifecycle-requests.ts";
import { noParameters } from "../../../protocol/query.ts";
import { wireThread } from "../../../protocol/thread.ts";
import { writeBody } from "../../../protocol/write-body.ts";
import { endFromWire } from "../end-from-wire.ts";
import { messagesFromWire } from "../given-messages.ts";
import { json, threadResponse } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";

/** Threads by alias, holds, and the end of threads. */
export const lifecycleRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/threads/open",
    id: "openThread",
    tag: "threads",
    summary:
      "The thread that a user has under an alias (200), made if there is none (201); one is made, however many ask at once",
    status: 200,
    statusWhenMade: 201,
    answer: wireThread,
    errors: ["agent_not_found", "limit_exceeded", "metadata_too_large", "store_busy"],
    query: noParameters,
    body: openThreadBody,
    handle: async (call) => {
      const { body, skein, writing } = call;
      const { agent_id: agentId, metadata, tags, members, kind, title } = body;
      const input = {
        ...nameOf(body),
        ...endFromWire(body),
        ...(title !== undefined && { title }),
        ...(agentId !== undefined && { agentId }),
        ...(metadata !== undefined && { metadata }),
        ...(tags !== undefined && { tags }),
        ...(members !== undefined && { members }),
        ...(kind !== undefined && { kind }),
        ...(body.messages !== undefined && {
          messages: await messagesFromWire(call, body.messages),
        }),
      };
      const { thread, isNew } = await skein.getOrCreate(input, writing);
      return threadResponse(thread, isNew ? 201 : 200);
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/hold",
    id: "holdThread",
    tag: "threads",
    summary: "Holds a thread: nothing of it may go, by whatever policy or request",
    status: 200,
    answer: wireThread,
    query: noParameters,
    body: holdBody,
    isBodyOptional: true,
    handle: async ({ skein, params, body, writing }) =>
      threadResponse(await skein.hold(params.thread_id, body.reason, writing)),
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/release",
    id: "releaseThread",
    tag: "threads",
    summary: "Holds a thread no more",
    status: 200,
    answer: wireThread,
    query: noParameters,
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, writing }) =>
      threadResponse(await skein.release(params.thread_id, writing)),
  }),
  route({
    method: "POST",
    path: "/sweep",
    id: "sweep",
    tag: "threads",
    summary:
      "Ends threads whose time is over and carries out the policies, or counts what that would do; for keys of all users",
    status: 200,
    answer: wireSweepReport,
    query: noParameters,
    body: sweepBody,
    isBodyOptional: true,
    handle: async ({ skein, caller, body, reading }) => {
      if (caller.user !== null || reading.userId !== undefined)
        throw new SkeinError("forbidden", "Sweeping takes a key of all users.");
      const {
        isElsewhere = false,
        dryRun,
        ...counts
      } = await skein.sweep({
        dryRun: body.dry_run ?? false,
      });
      const report: WireSweepReport = { dry_run: dryRun, ...counts, elsewhere: isElsewhere };
      return json(report);
    },
  }),
];

/** What names the thread, as it was sent; the engine refuses none and several. */
function nameOf({ alias, user, topic, project, feature, session }: OpenThreadBody): OpenInput {
  const names = {
    ...(alias !== undefined && { alias }),
    ...(user !== undefined && { user }),
    ...(topic !== undefined && { topic }),
    ...(project !== undefined && { project }),
    ...(feature !== undefined && { feature }),
    ...(session !== undefined && { session }),
  };
  // Exactly one way is required of the type, and checked where it is used.
  return names as OpenInput;
}
