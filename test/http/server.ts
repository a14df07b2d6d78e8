import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agent } from "../../src/agents/agent.ts";
import { createWebhooks } from "../../src/webhooks/create-webhooks.ts";
import type { Webhooks } from "../../src/webhooks/webhook.ts";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { SkeinOptions } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { createApp } from "../../src/http/app.ts";
import { createAuth, parseApiKeys } from "../../src/http/auth.ts";
import { serve } from "../../src/http/listen.ts";
import { checkAnswer } from "./check-answer.ts";
import type { Loose } from "./loose.ts";
import { trackedWorkspace } from "../../src/files/tracked-workspace.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body, parsed when it is JSON. */
  readonly body: Loose;
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly skein: Skein;
  /** Delivers nothing until it is started. */
  readonly webhooks: Webhooks;
  /** What went wrong on the server's side. */
  readonly faults: readonly unknown[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, headers?: Record<string, string>): Promise<Answer>;
  send(path: string, init: RequestInit): Promise<Answer>;
  close(graceMs?: number): Promise<void>;
}

export interface TestServerOptions extends Partial<Omit<SkeinOptions, "store">> {
  readonly store?: "memory" | "sqlite" | Store;
  /** The folder that it has as a workspace. */
  readonly root?: string;
  /** As in SKEIN_API_KEYS. */
  readonly keys?: string;
}

/** A server on a free port, with the agent `my-agent` beside the default one. Paths are below `/api/v1` unless they begin with it or are `/`. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { store: kind = "memory", keys, root, ...rest } = options;
  const folder = kind === "sqlite" ? mkdtempSync(join(tmpdir(), "skein-http-")) : undefined;
  const store =
    typeof kind !== "string"
      ? kind
      : folder === undefined
        ? memoryStore()
        : sqliteStore({ path: join(folder, "skein.db") });
  const faults: unknown[] = [];
  const skein = createSkein({
    store,
    model: "demo",
    env: {},
    agents: [agent({ name: "my-agent" })],
    onError: (error) => faults.push(error),
    ...rest,
  });
  const webhooks = createWebhooks({ skein, network: "loopback" });
  const app = createApp({
    skein,
    webhooks,
    ...(root !== undefined && { workspace: trackedWorkspace({ root, skein }) }),
    auth: createAuth(parseApiKeys(keys)),
    info: { version: "0.0.0", store: store.name, model: "demo" },
    onFault: (error) => faults.push(error),
  });
  const server = await serve({ app, port: 0 });
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const where = path.startsWith("/api/") || path === "/" ? path : `/api/v1${path}`;
    const response = await fetch(`${server.url}${where}`, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    const body = isJson && text !== "" ? JSON.parse(text) : text;
    const { status, headers } = response;
    if (text !== "") {
      const type = headers.get("content-type") ?? "";
      checkAnswer(init.method ?? "GET", new URL(response.url).pathname, { status, type, body });
    }
    return { status, headers, body };
  };
  const withBody =
    (method: string) =>
    (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
      send(path, {
        method,
        headers: {
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
  let closed: Promise<void> | undefined;
  const close = (graceMs = 2_000): Promise<void> =>
    (closed ??= (async () => {
      await server.close(graceMs);
      await webhooks.stop();
      await skein.drain(graceMs);
      await skein.close();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    })());
  return {
    url: server.url,
    skein,
    webhooks,
    faults,
    send,
    get: (path, headers = {}) => send(path, { headers }),
    post: withBody("POST"),
    put: withBody("PUT"),
    patch: withBody("PATCH"),
    delete: (path, headers = {}) => send(path, { method: "DELETE", headers }),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
