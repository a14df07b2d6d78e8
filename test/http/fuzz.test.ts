import fc from "fast-check";
import { expect, test } from "vitest";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { checkAnswer } from "./check-answer.ts";
import { fuzzRequests } from "./fuzz-requests.ts";
import type { FuzzRequest } from "./fuzz-requests.ts";
import type { Loose } from "./loose.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

const REQUESTS = 5_000;
const AT_ONCE = 8;
const SEED = 20_261_120;

/** Answered later than this counts as hanging. A long poll answers after 25 s at the latest. */
const HANG_MS = 40_000;

/** Ids that the server has given out, for requests that are to lead somewhere. */
class Pool {
  readonly #ids: Record<string, string[]> = { thread: [], message: [], run: [] };

  learn(body: Loose): void {
    if (typeof body !== "object" || body === null) return;
    for (const one of Array.isArray(body) ? body.slice(0, 3) : [body]) {
      if (typeof one?.message_count === "number" && one.id) this.#add("thread", one.id);
      for (const message of [one?.message, one?.role === undefined ? undefined : one])
        if (message?.id !== undefined) this.#add("message", message.id);
      for (const run of [one?.run, one?.agent_id !== undefined && one?.branch ? one : undefined])
        if (run?.id !== undefined) this.#add("run", run.id);
    }
  }

  fill(text: string): string {
    return text.replaceAll(/@(thread|message|run):(\d+)/g, (_match, kind: string, n: string) => {
      const ids = this.#ids[kind] ?? [];
      return ids[Number(n) % Math.max(1, ids.length)] ?? "unknown";
    });
  }

  #add(kind: string, id: string): void {
    const ids = this.#ids[kind] ?? [];
    // Few enough that requests meet each other on the same thread.
    if (ids.includes(id)) return;
    if (ids.length < 30) ids.push(id);
    else ids[(id.length * ids.length) % 30] = id;
  }
}

interface Verdict {
  readonly status: number;
  readonly fault?: string;
}

async function attempt(server: TestServer, request: FuzzRequest, pool: Pool): Promise<Verdict> {
  const path = pool.fill(request.path);
  const body = request.body === undefined ? undefined : pool.fill(request.body);
  const signal = AbortSignal.timeout(HANG_MS);
  const described = `${request.method} ${path} ${JSON.stringify(request.headers)} ${body?.slice(0, 400) ?? ""}`;
  let response: Response;
  try {
    response = await fetch(`${server.url}/api/v1${path}`, {
      method: request.method,
      headers: request.headers,
      signal,
      ...(body !== undefined && request.method !== "GET" && { body }),
    });
  } catch (error) {
    return { status: 0, fault: `${described} had no answer: ${String(error)}` };
  }
  const { status } = response;
  const type = response.headers.get("content-type") ?? "";
  if (status >= 500 && status !== 503) return { status, fault: `${described} answered ${status}` };
  if (type.startsWith("text/event-stream")) {
    const reader = response.body?.getReader();
    const first = await reader?.read();
    await reader?.cancel();
    return first?.value === undefined
      ? { status, fault: `${described} sent no frame` }
      : { status };
  }
  const text = await response.text();
  if (!type.startsWith("application/json") || text === "") return { status };
  const answer = JSON.parse(text);
  pool.learn(answer);
  try {
    const { pathname } = new URL(response.url);
    checkAnswer(request.method, pathname, { status, type, body: answer });
  } catch (error) {
    return { status, fault: `${described}: ${String(error)}` };
  }
  // A path that was cut short by its parameters leads to another operation, or to none.
  const isElsewhere = /route_not_found|method_not_allowed/.test(answer?.error?.code ?? "");
  if (!isElsewhere && status !== 503 && !request.documented.includes(String(status)))
    return { status, fault: `${described} answered ${status}, which is not documented: ${text}` };
  return { status };
}

test("5,000 requests made from the OpenAPI document get documented answers, and nothing breaks", async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", note);
  await using server = await startServer({
    store: "sqlite",
    model: scriptedModel(() => ["A ", "short ", "answer."]),
  });
  const pool = new Pool();
  for (let n = 0; n < 5; n++)
    pool.learn((await server.post("/threads", { initial_message: `message ${n}` })).body);
  const { body: document } = await server.get("/openapi.json");
  const requests = fc.sample(fuzzRequests(document), { numRuns: REQUESTS, seed: SEED });
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const { status, fault } = await attempt(server, request, pool);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (fault !== undefined) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(faults).toEqual([]);
  expect(server.faults).toEqual([]);
  expect((await server.get("/health")).status).toBe(200);
  expect((await server.skein.check()).problems).toEqual([]);
  await server.close();
  process.off("unhandledRejection", note);
  expect(rejections).toEqual([]);
  // The requests reach the rules behind the schemas, too.
  for (const status of [200, 201, 204, 400, 404, 409])
    expect(statuses.get(status)).toBeGreaterThan(10);
}, 240_000);
