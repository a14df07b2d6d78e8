import { z } from "zod";
import { SkeinError } from "../../../model/error.ts";
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
import { exportAs } from "../export-as.ts";
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
      "The whole thread as JSON that another server can import, or with `mode=reference` its name; with `format` as JSON lines with all its files, or as Markdown or HTML for people",
    status: 200,
    answer: z.union([wireThreadExport, wireThreadReference]),
    mediaTypes: ["application/x-ndjson", "text/markdown", "text/html"],
    errors: ["thread_not_found", "thread_deleted", "branch_not_found", "limit_exceeded"],
    query: exportQuery,
    body: null,
    handle: async ({ skein, params, query, reading, bindings }) => {
      const { format = "json", mode = "full", inline_bytes: inlineBytes } = query;
      const id = params.thread_id;
      refuseForeignParameters(format, query);
      if (format !== "json")
        return exportAs(format, skein, id, { ...reading, ...branchIn(query), bindings });
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

const OF_JSON = ["mode", "inline_bytes"] as const;

/** What would have no effect is refused. */
function refuseForeignParameters(
  format: string,
  query: Readonly<Partial<Record<(typeof OF_JSON)[number] | "branch", unknown>>>,
): void {
  const isRead = format === "markdown" || format === "html";
  const refused = [...(format === "json" ? [] : OF_JSON), ...(isRead ? [] : (["branch"] as const))];
  for (const name of refused)
    if (query[name] !== undefined)
      throw new SkeinError("invalid_request", `${name} is not for the format ${format}.`, {
        field: name,
      });
}

function branchIn({ branch }: { readonly branch?: string }): { readonly branch?: string } {
  return branch === undefined ? {} : { branch };
}

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
