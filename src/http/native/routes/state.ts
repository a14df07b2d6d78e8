import { z } from "zod";
import { patchStateBody, wireSharedState } from "../../../protocol/action.ts";
import { noParameters } from "../../../protocol/query.ts";
import { wireRun } from "../../../protocol/run.ts";
import { wireBranchName } from "../../../protocol/schema.ts";
import { json } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { runToWire } from "../run-to-wire.ts";

export const stateRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads/{thread_id}/state",
    id: "getState",
    tag: "threads",
    summary: "What the agents of a thread share",
    status: 200,
    answer: wireSharedState,
    errors: ["thread_not_found", "thread_deleted"],
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading }) => {
      const { value, version } = await skein.state(params.thread_id, reading);
      return json({ value, version });
    },
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/state",
    id: "patchState",
    tag: "threads",
    summary: "Merges into what the agents of a thread share; `null` removes a key",
    status: 200,
    answer: wireSharedState,
    errors: ["thread_not_found", "thread_deleted", "version_conflict", "limit_exceeded"],
    query: noParameters,
    body: patchStateBody,
    handle: async ({ skein, params, body, writing }) => {
      const { patch, expected_state: expectedState } = body;
      const { value, version } = await skein.patchState(params.thread_id, patch, {
        ...writing,
        ...(expectedState !== undefined && { expectedState }),
      });
      return json({ value, version });
    },
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/queue",
    id: "getQueue",
    tag: "runs",
    summary:
      "The runs of a branch that have not ended: first the one that holds it, then who waits",
    status: 200,
    answer: z.array(wireRun),
    errors: ["thread_not_found", "thread_deleted"],
    query: z.strictObject({ branch: wireBranchName.exactOptional() }),
    body: null,
    handle: async ({ skein, params, query, reading }) => {
      const { runs } = await skein.detail(params.thread_id, reading);
      const { branch = "main" } = query;
      return json(runs.filter((run) => run.branch === branch).map(runToWire));
    },
  }),
];
