import { z } from "zod";
import { isJsonObject } from "../../../model/json.ts";
import type { Json, JsonObject } from "../../../model/json.ts";
import { LIMITS } from "../../../model/limits.ts";
import {
  exportQuery,
  importQuery,
  wireThreadExport,
  wireThreadReference,
} from "../../../protocol/portable.ts";
import { wireJsonObject } from "../../../protocol/schema.ts";
import { wireThread } from "../../../protocol/thread.ts";
import type { Caller } from "../../auth.ts";
import { refuseOwnId } from "../own-ids.ts";
import { json, threadResponse } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";

/** Threads that leave their store, and come. */
export const portableRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads/{thread_id}/export",
    id: "exportThread",
    tag: "threads",
    summary:
      "The whole thread as JSON that another server can import, or with `mode=reference` its name",
    status: 200,
    answer: z.union([wireThreadExport, wireThreadReference]),
    errors: ["thread_not_found", "thread_deleted"],
    query: exportQuery,
    body: null,
    handle: async ({ skein, params, query, reading }) => {
      const { mode = "full", inline_bytes: inlineBytes } = query;
      const id = params.thread_id;
      if (mode === "reference") return json(await skein.serialize(id, reading));
      const limit = inlineBytes === undefined ? {} : { inlineBytes };
      return json(await skein.serialize(id, { ...reading, ...limit, mode }));
    },
  }),
  route({
    method: "POST",
    path: "/threads/import",
    id: "importThread",
    tag: "threads",
    summary:
      "Makes a thread of an export, or finds it and adds what it lacks (200); also takes threads and sessions of the Agent Framework",
    status: 201,
    answer: wireThread,
    errors: [
      "id_conflict",
      "thread_not_found",
      "thread_deleted",
      "version_not_found",
      "blob_not_found",
      "limit_exceeded",
      "run_active",
      "forbidden",
    ],
    query: importQuery,
    body: wireJsonObject,
    maxBytes: LIMITS.importBytes,
    handle: async ({ skein, caller, query, body, writing }) => {
      const { thread_id: threadId, agent_id: agentId } = query;
      refuseOwnId(caller, threadId);
      refuseChosenIds(caller, body);
      const { thread, isNew } = await skein.resume(body, {
        ...writing,
        derivesIds: !caller.isLocal,
        ...(threadId !== undefined && { threadId }),
        ...(agentId !== undefined && { agentId }),
      });
      return threadResponse(thread, isNew ? 201 : 200);
    },
  }),
];

/** Ids that a server made cannot be guessed, so that it tells nothing when one is taken. */
function refuseChosenIds(caller: Caller, { type, thread, messages }: JsonObject): void {
  if (caller.isLocal || type !== "skein.export") return;
  const named = [thread, ...(Array.isArray(messages) ? messages : [])].map(idIn);
  for (const id of named)
    if (id !== undefined && !/^(?:th|msg)_[0-9a-z]{26,32}$/.test(id)) refuseOwnId(caller, id);
}

function idIn(value: Json | undefined): string | undefined {
  const id = isJsonObject(value) ? value["id"] : undefined;
  return typeof id === "string" ? id : undefined;
}
