import type { IncomingMessage, ServerResponse } from "node:http";
import { Hono } from "hono";
import type { Context } from "hono";
import type { Skein } from "../../agents/skein.ts";
import type { TrackedWorkspace } from "../../files/tracked-workspace.ts";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Webhooks } from "../../webhooks/webhook.ts";
import type { Auth } from "../auth.ts";
import type { Bindings } from "../bindings.ts";
import { NodeRequest } from "../node-request.ts";
import { plainPathOf } from "../plain-request.ts";
import { send } from "../reply.ts";
import type { Reply } from "../reply.ts";
import type { Services } from "./call.ts";
import { errorReply } from "./error-reply.ts";
import type { OnFault } from "./error-reply.ts";
import { nativeRoutes } from "./native-routes.ts";
import { openApiDocument } from "./openapi.ts";
import { ifMatch } from "./preconditions.ts";
import { decodePath } from "./query-string.ts";
import { referencePage } from "./reference-page.ts";
import { json } from "./respond.ts";
import type { RawCall, Route } from "./route.ts";
import { routeTree } from "./route-tree.ts";
import { TailHub } from "./tail-hub.ts";

export const BASE_PATH = "/api/v1";

/** About the server, for `GET /health`. */
export interface ServerInfo extends JsonObject {
  readonly version: string;
}

export interface NativeOptions {
  readonly skein: Skein;
  readonly auth: Auth;
  readonly info: ServerInfo;
  readonly onFault: OnFault;
  readonly webhooks?: Webhooks | undefined;
  readonly workspace?: TrackedWorkspace | undefined;
}

type Env = { Bindings: Bindings };

export interface NativeApp {
  /** The native REST and SSE wire, to be mounted at `/api/v1`. */
  readonly app: Hono<Env>;
  readonly answerPlain: AnswerPlain;
}

/** Answers a request of Node's server, if it is a plain one for a route: what the app would answer, without the web objects
 *  that it needs. False, with nothing done, for what has to go to the app. */
export type AnswerPlain = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  closing: AbortSignal,
) => boolean;

export function nativeApp(options: NativeOptions): NativeApp {
  const { skein, auth, info, onFault, webhooks, workspace } = options;
  const services: Services = {
    skein,
    tails: new TailHub(skein),
    onFault,
    webhooks,
    workspace,
  };
  const app = new Hono<Env>();
  let document: JsonObject | undefined;
  const openApi = (): JsonObject =>
    (document ??= openApiDocument(nativeRoutes, { version: info.version, basePath: BASE_PATH }));
  for (const route of nativeRoutes)
    app.on(route.method, honoPath(route.path), (context) => {
      const { raw: request, path } = context.req;
      const params = context.req.param();
      return respond(route, { request, bindings: context.env, path, params }, auth, services);
    });
  const open = (path: string, answer: (context: Context<Env>) => Reply): void => {
    app.get(path, (context) => {
      try {
        auth.checkOrigin(context.req.raw.headers);
        return send(answer(context), context.env);
      } catch (error) {
        return send(errorReply(error, onFault), context.env);
      }
    });
  };
  open("/health", (context) => json({ status: "ok", ...visibleInfo(context, auth, info) }));
  open("/openapi.json", () => json(openApi()));
  open("/docs", () => htmlReply(referencePage(openApi())));
  const findRoute = routeTree(nativeRoutes, BASE_PATH);
  const answerPlain: AnswerPlain = (incoming, outgoing, closing) => {
    const path = plainPathOf(incoming);
    const found = path === undefined ? undefined : findRoute(incoming.method ?? "", path);
    if (path === undefined || found === undefined) return false;
    const { route, params } = found;
    const request = new NodeRequest(incoming, outgoing);
    const bindings = { incoming, outgoing, closing };
    respond(route, { request, bindings, path, params }, auth, services).catch(() =>
      outgoing.destroy(),
    );
    return true;
  };
  return { app, answerPlain };
}

export function htmlReply(html: string): Reply {
  return {
    status: 200,
    body: html,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      "x-content-type-options": "nosniff",
    },
  };
}

async function respond(
  route: Route,
  { request, bindings, path, params }: Asked,
  auth: Auth,
  services: Services,
): Promise<Response> {
  try {
    const caller = auth.authenticate(request.headers);
    decodePath(path);
    const answer = await route.respond({ request, bindings, caller, services, params });
    return send(answer, bindings);
  } catch (error) {
    const isPrecondition =
      isSkeinError(error, "version_conflict") && ifMatch(request.headers) !== undefined;
    const status = isPrecondition ? 412 : undefined;
    return send(errorReply(error, services.onFault, {}, status), bindings);
  }
}

interface Asked extends Omit<RawCall, "caller" | "services"> {
  /** As it was sent. */
  readonly path: string;
}

/** The methods that a path knows; empty when there is no such path. */
export function methodsOf(path: string): readonly string[] {
  const methods = new Set<string>();
  for (const [pattern, method] of patterns()) if (pattern.test(path)) methods.add(method);
  if (methods.has("GET")) methods.add("HEAD");
  return methods.size === 0 ? [] : [...methods, "OPTIONS"];
}

let compiled: readonly (readonly [RegExp, string])[] | undefined;

function patterns(): readonly (readonly [RegExp, string])[] {
  compiled ??= [
    ...nativeRoutes.map(({ path, method }) => [path, method] as const),
    ...["/health", "/openapi.json", "/docs"].map((path) => [path, "GET"] as const),
  ].map(
    ([path, method]) =>
      [new RegExp(`^${BASE_PATH}${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`), method] as const,
  );
  return compiled;
}

// With keys, who has none learns only that the server lives.
function visibleInfo(context: Context<Env>, auth: Auth, info: ServerInfo): JsonObject {
  try {
    auth.authenticate(context.req.raw.headers);
    return info;
  } catch (error) {
    if (error instanceof SkeinError && error.code === "unauthorized")
      return { version: info.version };
    throw error;
  }
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
