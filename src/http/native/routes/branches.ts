import { z } from "zod";
import { SkeinError } from "../../../model/error.ts";
import { noParameters } from "../../../protocol/query.ts";
import {
  createBranchBody,
  memberBody,
  renameBranchBody,
} from "../../../protocol/thread-requests.ts";
import { wireBranch, wireThread } from "../../../protocol/thread.ts";
import { writeBody } from "../../../protocol/write-body.ts";
import { json, noContent, threadResponse } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { branchToWire } from "../thread-to-wire.ts";

export const branchRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads/{thread_id}/branches",
    id: "listBranches",
    tag: "branches",
    summary: "The branches of a thread; `main` always exists",
    status: 200,
    answer: z.array(wireBranch),
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading }) =>
      json((await skein.branches(params.thread_id, reading)).map(branchToWire)),
  }),
  route({
    method: "POST",
    path: "/threads/{thread_id}/branches",
    id: "createBranch",
    tag: "branches",
    summary: "A branch at a message (`null`: before everything) or at the head of another branch",
    status: 201,
    answer: wireBranch,
    errors: ["message_not_found", "branch_not_found", "branch_exists"],
    query: noParameters,
    body: createBranchBody,
    isBodyOptional: true,
    handle: async ({ skein, params, body, writing }) => {
      const { name, message_id: messageId, from } = body;
      if (messageId !== undefined && from !== undefined)
        throw new SkeinError("invalid_request", "Give message_id or from, not both.", {
          field: "from",
        });
      const input = {
        ...(name !== undefined && { name }),
        ...(messageId !== undefined && { messageId }),
        ...(from !== undefined && { from }),
      };
      return json(branchToWire(await skein.branch(params.thread_id, input, writing)), 201);
    },
  }),
  route({
    method: "PUT",
    path: "/threads/{thread_id}/branches/{name}",
    id: "renameBranch",
    tag: "branches",
    summary: "Renames a branch",
    status: 200,
    answer: wireBranch,
    errors: ["branch_not_found", "branch_exists", "branch_protected"],
    query: noParameters,
    body: renameBranchBody,
    handle: async ({ skein, params, body, writing }) =>
      json(
        branchToWire(await skein.renameBranch(params.thread_id, params.name, body.name, writing)),
      ),
  }),
  route({
    method: "DELETE",
    path: "/threads/{thread_id}/branches/{name}",
    id: "removeBranch",
    tag: "branches",
    summary: "Removes a branch; its messages stay in the log",
    status: 204,
    errors: ["branch_not_found", "branch_protected"],
    query: noParameters,
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, writing }) => {
      await skein.removeBranch(params.thread_id, params.name, writing);
      return noContent();
    },
  }),
  route({
    method: "PUT",
    path: "/threads/{thread_id}/members/{user}",
    id: "setMember",
    tag: "members",
    summary: "Lets a user see the thread, or changes what the user may do",
    status: 200,
    answer: wireThread,
    errors: ["limit_exceeded"],
    query: noParameters,
    body: memberBody,
    handle: async ({ skein, params, body, writing }) =>
      threadResponse(await skein.setMember(params.thread_id, params.user, body.role, writing)),
  }),
  route({
    method: "DELETE",
    path: "/threads/{thread_id}/members/{user}",
    id: "removeMember",
    tag: "members",
    summary: "Takes the thread away from a user",
    status: 204,
    query: noParameters,
    body: writeBody,
    isBodyOptional: true,
    handle: async ({ skein, params, writing }) => {
      await skein.removeMember(params.thread_id, params.user, writing);
      return noContent();
    },
  }),
];
