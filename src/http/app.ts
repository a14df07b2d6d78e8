import { Hono } from "hono";
import type { Skein } from "../agents/skein.ts";
import type { TrackedWorkspace } from "../files/tracked-workspace.ts";
import { SkeinError } from "../model/error.ts";
import type { Webhooks } from "../webhooks/webhook.ts";
import type { Auth } from "./auth.ts";
import type { Bindings } from "./bindings.ts";
import { errorReply } from "./native/error-reply.ts";
import type { OnFault } from "./native/error-reply.ts";
import { BASE_PATH, htmlReply, methodsOf, nativeApp } from "./native/native-app.ts";
import type { AnswerPlain, ServerInfo } from "./native/native-app.ts";
import { decodePath } from "./native/query-string.ts";
import { welcomePage } from "./native/reference-page.ts";
import { send } from "./reply.ts";

export interface AppOptions {
  readonly skein: Skein;
  /** From `createAuth(parseApiKeys(…))`. */
  readonly auth: Auth;
  /** Answered by `GET /api/v1/health` beside `status`: no secrets. */
  readonly info: ServerInfo;
  /** Managed under `/api/v1/webhooks`, and started by whoever made it. Default: this server has none. */
  readonly webhooks?: Webhooks;
  /** Whose files rollbacks change. Default: this server has none. */
  readonly workspace?: TrackedWorkspace | undefined;
  /** Told of errors that are our fault. Default: nothing is told. */
  readonly onFault?: OnFault;
}

/** The HTTP server: hand it to `serve`, or its `fetch` to any server that speaks fetch. */
export interface App extends Hono<{ Bindings: Bindings }> {
  readonly answerPlain: AnswerPlain;
}

export function createApp(options: AppOptions): App {
  const { skein, auth, info, webhooks, workspace, onFault = () => {} } = options;
  const app = new Hono<{ Bindings: Bindings }>();
  const native = nativeApp({ skein, auth, info, onFault, webhooks, workspace });
  app.route(BASE_PATH, native.app);
  app.get("/", (context) => {
    try {
      auth.checkOrigin(context.req.raw.headers);
      return send(htmlReply(welcomePage(auth.mode === "local" ? textsIn(info) : {})), context.env);
    } catch (error) {
      return send(errorReply(error, onFault), context.env);
    }
  });
  app.notFound((context) => {
    const { method, path, raw } = context.req;
    try {
      auth.checkOrigin(raw.headers);
      decodePath(path);
      const allowed = path === "/" ? ["GET", "HEAD", "OPTIONS"] : methodsOf(path);
      const headers = { allow: allowed.join(", ") };
      if (allowed.length === 0)
        throw new SkeinError("route_not_found", `There is no ${path.slice(0, 200)}.`);
      if (method === "OPTIONS") return send({ status: 204, headers, body: null }, context.env);
      const message = `${path.slice(0, 200)} does not take ${method}; it takes ${headers.allow}.`;
      const refused = new SkeinError("method_not_allowed", message);
      return send(errorReply(refused, onFault, headers), context.env);
    } catch (error) {
      return send(errorReply(error, onFault), context.env);
    }
  });
  app.onError((error, context) => send(errorReply(error, onFault), context.env));
  return Object.assign(app, { answerPlain: native.answerPlain });
}

function textsIn(info: ServerInfo): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(info).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}
