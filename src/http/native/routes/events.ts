import { z } from "zod";
import { SkeinError } from "../../../model/error.ts";
import { DEFAULT_TENANT } from "../../../model/principal.ts";
import { wireEntry, wireFeedEvent } from "../../../protocol/entry.ts";
import { FEED_EVENT, THREAD_EVENT } from "../../../protocol/event-names.ts";
import {
  booleanParameter,
  cursorParameter,
  integerParameter,
  versionParameter,
} from "../../../protocol/query.ts";
import type { HttpRequest } from "../../node-request.ts";
import { encodeFrame, streamEvents } from "../../sse.ts";
import { entryToWire, feedEventToWire } from "../entry-to-wire.ts";
import { json, pageLinks } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { validate } from "../validate.ts";

const LOG_PAGE = 1_000;
const RETRY_MS = 1_000;

/** As with a thread's versions, though the feed's other cursors are not numbers. */
const FROM_THE_BEGINNING = "0";

export const eventRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/threads/{thread_id}/log",
    id: "readLog",
    tag: "events",
    summary: "The log itself: entries with a version greater than `after`, oldest first",
    status: 200,
    answer: z.array(wireEntry),
    errors: ["trimmed"],
    query: z.strictObject({
      after: versionParameter.exactOptional(),
      limit: integerParameter(1, LOG_PAGE).exactOptional(),
    }),
    body: null,
    handle: async ({ skein, params, query, reading, request }) => {
      const entries = await skein.log(params.thread_id, query, reading);
      const last = entries.at(-1)?.version;
      // Large entries make a page shorter than its limit, so only the version tells whether there is more.
      const { version } = await skein.get(params.thread_id, reading);
      const next = last !== undefined && last < version ? { after: String(last) } : undefined;
      return json(entries.map(entryToWire), 200, pageLinks(request.url, { next }));
    },
  }),
  route({
    method: "GET",
    path: "/threads/{thread_id}/events",
    id: "streamThread",
    tag: "events",
    summary:
      "Server-sent events of a thread: `ready`, then every `entry` behind `after` or `Last-Event-ID` (which wins; 0: from the first; neither: from now) with its version as id, and between them `delta` and `snapshot` of text that is being written",
    status: 200,
    answer: wireEntry,
    mediaTypes: ["text/event-stream"],
    query: z.strictObject({ after: versionParameter.exactOptional() }),
    body: null,
    handle: async ({ skein, params, query, reading, request, bindings, services }) => {
      const { version, trimmed } = await skein.get(params.thread_id, reading);
      const asked = lastEventId(request) ?? query.after;
      if (request.method === "HEAD") return { status: 200, headers: {}, body: null };
      // 0 has seen nothing, and misses nothing where the log begins.
      const isBehindTrim = (asked ?? 0) > 0 && (asked ?? 0) < (trimmed?.version ?? 0) - 1;
      const mustReload = (asked !== undefined && asked > version) || isBehindTrim;
      const cursor = asked === undefined || mustReload ? version : asked;
      return streamEvents(bindings, { closing: bindings?.closing }, async (sink) => {
        const data = { thread_id: params.thread_id, version };
        const ready = { event: THREAD_EVENT.ready, id: cursor, data, retryMs: RETRY_MS };
        sink.write(encodeFrame(ready));
        if (mustReload) sink.write(encodeFrame({ event: THREAD_EVENT.reload, data }));
        await services.tails.serve(params.thread_id, { sink, reading, cursor });
      });
    },
  }),
  route({
    method: "GET",
    path: "/events",
    id: "streamThreads",
    tag: "events",
    summary:
      "Server-sent events of all threads that the caller may see: `thread` with the header, whenever one is created, updated, archived or deleted; the id is a cursor, for `after` or `Last-Event-ID` (which wins; 0: from the beginning; neither: from now). With `follow=false` the stream ends behind the newest change",
    status: 200,
    answer: wireFeedEvent,
    mediaTypes: ["text/event-stream"],
    errors: ["invalid_cursor"],
    query: z.strictObject({
      after: cursorParameter.exactOptional(),
      follow: booleanParameter().exactOptional(),
    }),
    body: null,
    handle: async ({ skein, query, reading, request, bindings }) => {
      const asked = request.headers.get("last-event-id") || query.after;
      const after = asked ?? (await skein.store.feedEnd(DEFAULT_TENANT));
      const user = reading.userId ?? null;
      // Read once before the stream starts, so that a bad cursor is answered by a status.
      const from = after === FROM_THE_BEGINNING ? null : after;
      await skein.store.listFeed({ tenant: DEFAULT_TENANT, user }, { after: from, limit: 1 });
      if (request.method === "HEAD") return { status: 200, headers: {}, body: null };
      return streamEvents(bindings, { closing: bindings?.closing }, async (sink) => {
        sink.write(
          encodeFrame({ event: FEED_EVENT.ready, id: after, data: {}, retryMs: RETRY_MS }),
        );
        const { follow = true } = query;
        for await (const event of skein.feed({ ...reading, after, follow, signal: sink.closed })) {
          const data = feedEventToWire(event);
          if (!sink.write(encodeFrame({ event: FEED_EVENT.thread, id: event.cursor, data })))
            return;
          await sink.drained();
        }
      });
    },
  }),
];

/** The version that an EventSource saw last; `undefined` when it has none. */
function lastEventId(request: HttpRequest): number | undefined {
  const id = request.headers.get("last-event-id");
  if (id === null || id === "") return undefined;
  const version = validate(versionParameter, id, "The header", "Last-Event-ID");
  if (!Number.isSafeInteger(version))
    throw new SkeinError("invalid_request", "Last-Event-ID must be a version of the thread.", {
      field: "Last-Event-ID",
    });
  return version;
}
