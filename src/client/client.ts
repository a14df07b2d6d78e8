import type { JsonObject } from "../model/json.ts";
import type {
  DecideBody,
  PatchStateBody,
  RunEventBody,
  ToolOutputsBody,
  WireInboxItem,
  WireSharedState,
} from "../protocol/action.ts";
import type { WireCreated, WirePosted, WireSearchHit, WireStartedRun } from "../protocol/answer.ts";
import type { WireEntry } from "../protocol/entry.ts";
import { STREAM_EVENT, THREAD_EVENT } from "../protocol/event-names.ts";
import type { PostMessageBody, StartRunBody } from "../protocol/message-requests.ts";
import type { WireMessage } from "../protocol/message.ts";
import type { WireRun, WireRunEvent, WireStep } from "../protocol/run.ts";
import type { CreateThreadBody, UpdateThreadBody } from "../protocol/thread-requests.ts";
import type { WireThread } from "../protocol/thread.ts";
import { follow } from "./follow.ts";
import { requester } from "./request.ts";
import type { ClientOptions, RequestOptions, Requester } from "./request.ts";

/** Filters of a list: the query parameters of its route. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface WriteCall {
  /** The same key again gets the first answer and changes nothing. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** For the next page; absent on the last one. */
  readonly cursor?: string;
}

/** A server's threads over HTTP, in its own JSON. Works in browsers. Refusals are thrown as `SkeinError`; nothing is
 *  tried again but streams, which go on where they broke. */
export interface SkeinClient {
  createThread(body?: CreateThreadBody, call?: WriteCall): Promise<WireCreated>;
  getThread(threadId: string): Promise<WireThread>;
  listThreads(query?: Query): Promise<Page<WireThread>>;
  updateThread(threadId: string, body: UpdateThreadBody, call?: WriteCall): Promise<WireThread>;
  deleteThread(threadId: string, query?: Query): Promise<void>;
  messages(threadId: string, query?: Query): Promise<readonly WireMessage[]>;
  /** Stores a message and has it answered; with `wait` the answer is in `reply`. */
  send(threadId: string, message: string | PostMessageBody, call?: WriteCall): Promise<WirePosted>;
  search(text: string, query?: Query): Promise<Page<WireSearchHit>>;

  startRun(threadId: string, body?: StartRunBody, call?: WriteCall): Promise<WireStartedRun>;
  getRun(threadId: string, runId: string): Promise<WireRun>;
  listRuns(threadId: string, query?: Query): Promise<Page<WireRun>>;
  steps(threadId: string, runId: string): Promise<readonly WireStep[]>;
  /** The runs of a branch that have not ended: first the one that holds it. */
  queue(threadId: string, query?: Query): Promise<readonly WireRun[]>;
  cancelRun(
    threadId: string,
    runId: string,
    body?: { readonly wait?: boolean },
    call?: WriteCall,
  ): Promise<WireRun>;
  inbox(query?: Query): Promise<Page<WireInboxItem>>;
  decide(
    threadId: string,
    runId: string,
    decisions: DecideBody["decisions"],
    call?: WriteCall,
  ): Promise<WireRun>;
  submitToolOutputs(
    threadId: string,
    runId: string,
    outputs: ToolOutputsBody["tool_outputs"],
    call?: WriteCall,
  ): Promise<WireRun>;
  sendEvent(threadId: string, runId: string, event: RunEventBody): Promise<WireRun>;
  state(threadId: string): Promise<WireSharedState>;
  patchState(
    threadId: string,
    patch: JsonObject,
    options?: Pick<PatchStateBody, "expected_state"> & WriteCall,
  ): Promise<WireSharedState>;

  /** Everything that a run writes, from `offset` (default: the start) until it ends. */
  streamRun(
    threadId: string,
    runId: string,
    options?: { readonly offset?: string; readonly signal?: AbortSignal },
  ): AsyncIterable<WireRunEvent>;
  /** Every log entry once and in order, behind version `after` (default: from now) until the signal aborts. */
  entries(
    threadId: string,
    options?: { readonly after?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<WireEntry>;

  /** Any other route. */
  readonly request: Requester["json"];
}

/** @param url  the server's address: `http://127.0.0.1:4747` */
export function createClient(url: string, options: ClientOptions = {}): SkeinClient {
  const server = requester(url, options);
  const { json, send } = server;
  const at = (...parts: readonly string[]): string =>
    parts.map((part) => `/${encodeURIComponent(part)}`).join("");
  const thread = (id: string, ...rest: readonly string[]): string => at("threads", id, ...rest);
  const page = async <T>(path: string, query: Query = {}): Promise<Page<T>> => {
    const response = await send("GET", path, { query });
    const cursor = nextCursor(response.headers.get("link"));
    return {
      items: (await response.json()) as readonly T[],
      ...(cursor !== undefined && { cursor }),
    };
  };
  const write = <T>(method: string, path: string, body: unknown, call?: WriteCall): Promise<T> =>
    json<T>(method, path, { body, ...(call && requestOf(call)) });

  return {
    createThread: (body = {}, call) => write("POST", "/threads", body, call),
    getThread: (id) => json("GET", thread(id)),
    listThreads: (query) => page("/threads", query),
    updateThread: (id, body, call) => write("PUT", thread(id), body, call),
    deleteThread: async (id, query) => {
      await send("DELETE", thread(id), { query });
    },
    messages: (id, query) => json("GET", thread(id, "messages"), { query }),
    send: (id, message, call) =>
      write(
        "POST",
        thread(id, "messages"),
        typeof message === "string" ? { message } : message,
        call,
      ),
    search: (text, query) => page("/search", { ...query, q: text }),

    startRun: (id, body = {}, call) => write("POST", thread(id, "runs"), body, call),
    getRun: (id, run) => json("GET", thread(id, "runs", run)),
    listRuns: (id, query) => page(thread(id, "runs"), query),
    steps: (id, run) => json("GET", thread(id, "runs", run, "steps")),
    queue: (id, query) => json("GET", thread(id, "queue"), { query }),
    cancelRun: (id, run, body = {}, call) =>
      write("POST", thread(id, "runs", run, "cancel"), body, call),
    inbox: (query) => page("/inbox", query),
    decide: (id, run, decisions, call) =>
      write("POST", thread(id, "runs", run, "decisions"), { decisions }, call),
    submitToolOutputs: (id, run, outputs, call) =>
      write("POST", thread(id, "runs", run, "tool_outputs"), { tool_outputs: outputs }, call),
    sendEvent: (id, run, event) => write("POST", thread(id, "runs", run, "events"), event),
    state: (id) => json("GET", thread(id, "state")),
    patchState: (id, patch, { expected_state: expected, ...call } = {}) =>
      write(
        "POST",
        thread(id, "state"),
        { patch, ...(expected !== undefined && { expected_state: expected }) },
        call,
      ),

    streamRun: (id, run, stream = {}) =>
      streamRun(server, thread(id, "runs", run, "stream"), stream),
    entries: (id, observed = {}) => entriesOf(server, thread(id, "events"), observed),
    request: json,
  };
}

async function* streamRun(
  server: Requester,
  path: string,
  { offset, signal }: { readonly offset?: string; readonly signal?: AbortSignal },
): AsyncGenerator<WireRunEvent, void, undefined> {
  const query = { live: "sse", ...(offset !== undefined && { offset }) };
  for await (const { event, data } of follow(server, { path, query, signal })) {
    if (event === STREAM_EVENT.data) yield* JSON.parse(data) as readonly WireRunEvent[];
    if (event !== STREAM_EVENT.control) continue;
    const { streamClosed } = JSON.parse(data) as { readonly streamClosed?: boolean };
    if (streamClosed === true) return;
  }
}

async function* entriesOf(
  server: Requester,
  path: string,
  { after, signal }: { readonly after?: number; readonly signal?: AbortSignal },
): AsyncGenerator<WireEntry, void, undefined> {
  const from = after === undefined ? undefined : String(after);
  for await (const { event, data } of follow(server, { path, from, signal }))
    if (event === THREAD_EVENT.entry) yield JSON.parse(data) as WireEntry;
}

function requestOf({ idempotencyKey, signal }: WriteCall): RequestOptions {
  return { idempotencyKey, signal };
}

/** The cursor in `Link: <…>; rel="next"`. */
function nextCursor(link: string | null): string | undefined {
  const [, address] = /<([^>]+)>;\s*rel="next"/.exec(link ?? "") ?? [];
  if (address === undefined) return undefined;
  return new URL(address, "http://localhost").searchParams.get("cursor") ?? undefined;
}
