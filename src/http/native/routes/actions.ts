import { z } from "zod";
import type { DecisionInput } from "../../../engine/run-calls.ts";
import {
  decideBody,
  runEventBody,
  toolOutputsBody,
  wireActionKind,
  wireInboxItem,
} from "../../../protocol/action.ts";
import type { WireDecision } from "../../../protocol/action.ts";
import { cursorParameter, limitParameter } from "../../../protocol/query.ts";
import { noParameters } from "../../../protocol/query.ts";
import { wireRun } from "../../../protocol/run.ts";
import { wireId } from "../../../protocol/schema.ts";
import { inboxItemToWire } from "../action-to-wire.ts";
import { json, nextLink } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { runToWire } from "../run-to-wire.ts";

export const actionRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/inbox",
    id: "listInbox",
    tag: "inbox",
    summary:
      "What waits for a person in all threads that the caller may see. A page has what `limit` threads ask for",
    status: 200,
    answer: z.array(wireInboxItem),
    errors: ["invalid_cursor"],
    query: z.strictObject({
      limit: limitParameter.exactOptional(),
      cursor: cursorParameter.exactOptional(),
      kind: wireActionKind.exactOptional(),
      agent_id: wireId.exactOptional(),
    }),
    body: null,
    handle: async ({ skein, query, reading, request }) => {
      const { agent_id: agentId, ...rest } = query;
      const page = await skein.inbox(
        { ...rest, ...(agentId !== undefined && { agentId }) },
        reading,
      );
      return json(page.items.map(inboxItemToWire), 200, nextLink(request.url, page.nextCursor));
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/runs/{run_id}/decisions",
    id: "decide",
    tag: "inbox",
    summary:
      "Decides what a run asks for, all of it or nothing. The same decision again changes nothing",
    status: 200,
    answer: wireRun,
    errors: ["run_not_found", "action_not_found", "action_decided", "run_ended", "limit_exceeded"],
    query: noParameters,
    body: decideBody,
    handle: async ({ skein, params, body, writing }) => {
      const decisions = body.decisions.map(decisionFromWire);
      return json(
        runToWire(await skein.decide(params.thread_id, params.run_id, decisions, writing)),
      );
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/runs/{run_id}/tool_outputs",
    id: "submitToolOutputs",
    tag: "inbox",
    summary: "Brings the outputs of tools that the caller carries out",
    status: 200,
    answer: wireRun,
    errors: ["run_not_found", "action_not_found", "action_decided", "run_ended", "limit_exceeded"],
    query: noParameters,
    body: toolOutputsBody,
    handle: async ({ skein, params, body, writing }) => {
      const decisions = body.tool_outputs.map(
        ({ tool_call_id: actionId, output, is_error: isError = false }) =>
          ({ actionId, decision: "output", output, isError }) as const,
      );
      return json(
        runToWire(await skein.decide(params.thread_id, params.run_id, decisions, writing)),
      );
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/runs/{run_id}/events",
    id: "sendRunEvent",
    tag: "runs",
    summary:
      "Tells a run something, whether it waits for it already or not. It is delivered once per `dedup_key`",
    status: 202,
    answer: wireRun,
    errors: ["run_not_found", "run_ended", "limit_exceeded"],
    query: noParameters,
    body: runEventBody,
    handle: async ({ skein, params, body, reading }) => {
      const { name, payload, dedup_key: dedupKey } = body;
      const event = {
        name,
        ...(payload !== undefined && { payload }),
        ...(dedupKey !== undefined && { dedupKey }),
      };
      const run = await skein.sendEvent(params.thread_id, params.run_id, event, reading);
      return json(runToWire(run), 202);
    },
  }),
];

function decisionFromWire(wire: WireDecision): DecisionInput {
  const { action_id: actionId } = wire;
  if (wire.decision !== "output") {
    const { action_id: _id, ...rest } = wire;
    return { actionId, ...rest };
  }
  const { output, is_error: isError = false } = wire;
  return { actionId, decision: "output", output, isError };
}
