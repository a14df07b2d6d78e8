import { z } from "zod";
import { isEnded } from "../../../model/run-transitions.ts";
import { wireStartedRun } from "../../../protocol/answer.ts";
import { cancelRunBody, startRunBody } from "../../../protocol/message-requests.ts";
import { cursorParameter, limitParameter, noParameters } from "../../../protocol/query.ts";
import { wireRun, wireStep } from "../../../protocol/run.ts";
import { answerWithRun, endOf, postedBody } from "../answer-with-run.ts";
import { runInput } from "../post-message.ts";
import { json, nextLink } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { runToWire, stepToWire } from "../run-to-wire.ts";

export const runRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/threads/{thread_id}/runs",
    id: "startRun",
    tag: "runs",
    summary: "Asks an agent to go on with a branch as it is",
    status: 201,
    answer: wireStartedRun,
    mediaTypes: ["text/event-stream"],
    errors: ["agent_not_found", "branch_not_found", "run_active"],
    query: noParameters,
    body: startRunBody,
    isBodyOptional: true,
    handle: async (call) => {
      const { skein, params, body, writing } = call;
      const { branch, model, instructions, metadata, input } = body;
      const result = await skein.append(
        params.thread_id,
        {
          messages: [],
          ...(branch !== undefined && { branch }),
          run: {
            ...runInput(body),
            ...(model !== undefined && { model }),
            ...(instructions !== undefined && { instructions }),
            ...(metadata !== undefined && { metadata }),
            ...(input !== undefined && { input }),
          },
        },
        writing,
      );
      return answerWithRun(call, {
        result,
        wait: body.wait,
        body: (_messages, run) => postedBody(result, undefined, run),
      });
    },
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/runs",
    id: "listRuns",
    tag: "runs",
    summary: "The runs of a thread, newest first",
    status: 200,
    answer: z.array(wireRun),
    errors: ["invalid_cursor"],
    query: z.strictObject({
      limit: limitParameter.exactOptional(),
      cursor: cursorParameter.exactOptional(),
    }),
    body: null,
    handle: async ({ skein, params, query, reading, request }) => {
      const page = await skein.runs(params.thread_id, query, reading);
      return json(page.items.map(runToWire), 200, nextLink(request.url, page.nextCursor));
    },
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/runs/{run_id}",
    id: "getRun",
    tag: "runs",
    summary: "A run",
    status: 200,
    answer: wireRun,
    errors: ["run_not_found"],
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading }) =>
      json(runToWire(await skein.run(params.thread_id, params.run_id, reading))),
  }),
  route({
    method: "GET",
    path: "/runs/{run_id}",
    id: "findRun",
    tag: "runs",
    summary: "A run by its id alone",
    status: 200,
    answer: wireRun,
    errors: ["run_not_found", "thread_deleted"],
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading }) =>
      json(runToWire(await skein.findRun(params.run_id, reading))),
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/runs/{run_id}/steps",
    id: "listSteps",
    tag: "runs",
    summary: "The model and tool calls of a run, in the order in which they started",
    status: 200,
    answer: z.array(wireStep),
    errors: ["run_not_found"],
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading }) =>
      json((await skein.steps(params.thread_id, params.run_id, reading)).map(stepToWire)),
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/runs/{run_id}/cancel",
    id: "cancelRun",
    tag: "runs",
    summary: "Asks a run to stop; its partial text is kept",
    status: 200,
    answer: wireRun,
    errors: ["run_not_found"],
    query: noParameters,
    body: cancelRunBody,
    isBodyOptional: true,
    handle: async (call) => {
      const { skein, params, body, writing } = call;
      const run = await skein.cancel(params.thread_id, params.run_id, writing);
      const isWaiting = body.wait === true && !isEnded(run.status);
      return json(runToWire(isWaiting ? await endOf(call, run) : run));
    },
  }),
];
