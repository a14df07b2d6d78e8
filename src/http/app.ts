import { Hono } from "hono";
import type { Skein } from "../agents/skein.ts";
import { SkeinError } from "../model/error.ts";
import type { Auth } from "./auth.ts";
import type { Bindings } from "./bindings.ts";
import { errorResponse } from "./native/error-response.ts";
import type { OnFault } from "./native/error-response.ts";
import { BASE_PATH, htmlResponse, methodsOf, nativeApp } from "./native/native-app.ts";
import type { ServerInfo } from "./native/native-app.ts";
import { decodePath } from "./native/query-string.ts";
import { welcomePage } from "./native/reference-page.ts";

export interface AppOptions {
  readonly skein: Skein;
  /** From `createAuth(parseApiKeys(…))`. */
  readonly auth: Auth;
  /** Answered by `GET /api/v1/health` beside `status`: no secrets. */
  readonly info: ServerInfo;
  /** Told of errors that are our fault. Default: nothing is told. */
  readonly onFault?: OnFault;
}

/** The HTTP server as an app: hand it to `serve`, or to any server that speaks fetch. */
export function createApp(options: AppOptions): Hono<{ Bindings: Bindings }> {
  const { skein, auth, info, onFault = () => {} } = options;
  const app = new Hono<{ Bindings: Bindings }>();
  app.route(BASE_PATH, nativeApp({ skein, auth, info, onFault }));
  app.get("/", (context) => {
    try {
      auth.checkOrigin(context.req.raw.headers);
      return htmlResponse(welcomePage(auth.mode === "local" ? textsIn(info) : {}));
    } catch (error) {
      return errorResponse(error, onFault);
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
      if (method === "OPTIONS") return new Response(null, { status: 204, headers });
      const message = `${path.slice(0, 200)} does not take ${method}; it takes ${headers.allow}.`;
      return errorResponse(new SkeinError("method_not_allowed", message), onFault, headers);
    } catch (error) {
      return errorResponse(error, onFault);
    }
  });
  app.onError((error) => errorResponse(error, onFault));
  return app;
}

function textsIn(info: ServerInfo): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(info).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}
