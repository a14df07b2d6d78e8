import { deep, long, messagesOf, postRaw } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

/** Bodies that are refused. */
export const REFUSED_BODIES: readonly Refusal[] = [
  { name: "malformed JSON", ask: postRaw("{"), status: 400, code: "invalid_json" },
  { name: "an empty body", ask: postRaw(""), status: 400, code: "invalid_json" },
  {
    name: "JSON that is not UTF-8",
    ask: postRaw(new Uint8Array([0x22, 0xff, 0x22])),
    status: 400,
    code: "invalid_json",
  },
  {
    name: "a body that is a list",
    ask: postRaw("[]"),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "a body that is nested too deeply",
    ask: postRaw(`{"message":"x","metadata":{"a":${deep(100)}}}`),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "a body that is nested beyond every stack",
    ask: postRaw(deep(1_000_000)),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "a key __proto__",
    ask: postRaw('{"message":"x","metadata":{"__proto__":{"a":1}}}'),
    status: 400,
    code: "invalid_request",
    field: "__proto__",
  },
  {
    name: "a body of another type",
    ask: postRaw("message=x", "application/x-www-form-urlencoded"),
    status: 415,
    code: "unsupported_media_type",
    field: "Content-Type",
  },
  {
    name: "a body that says text/plain",
    ask: postRaw('{"message":"x"}', "text/plain"),
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "a message of a wrong type",
    ask: ({ server, thread }) => server.post(messagesOf(thread), { message: 5 }),
    status: 400,
    code: "invalid_request",
    field: "message",
  },
  {
    name: "a missing message",
    ask: ({ server, thread }) => server.post(messagesOf(thread), {}),
    status: 400,
    code: "invalid_request",
    field: "message",
  },
  {
    name: "an empty message",
    ask: ({ server, thread }) => server.post(messagesOf(thread), { message: "" }),
    status: 400,
    code: "invalid_request",
    field: "message",
  },
  {
    name: "a wrong type inside a part",
    ask: ({ server, thread }) =>
      server.post(messagesOf(thread), { message: [{ type: "text", text: 1 }] }),
    status: 400,
    code: "invalid_request",
    field: "message[0].text",
  },
  {
    name: "a part of an unknown type",
    ask: ({ server, thread }) =>
      server.post(messagesOf(thread), { message: [{ type: "hologram" }] }),
    status: 400,
    code: "invalid_request",
    field: "message[0].type",
  },
  {
    name: "a file with a URL that is none",
    ask: ({ server, thread }) =>
      server.post(messagesOf(thread), {
        message: [
          { type: "file", media_type: "image/png", source: { kind: "url", url: "javascript:x" } },
        ],
      }),
    status: 400,
    code: "invalid_request",
    field: "message[0].source.url",
  },
  {
    name: "an unknown field",
    ask: ({ server, thread }) => server.post(messagesOf(thread), { message: "x", mesage: "y" }),
    status: 400,
    code: "unknown_field",
    field: "mesage",
  },
  {
    name: "an unknown field of a part",
    ask: ({ server, thread }) =>
      server.post(messagesOf(thread), { message: [{ type: "text", text: "x", colour: "red" }] }),
    status: 400,
    code: "unknown_field",
    field: "message[0].colour",
  },
  {
    name: "an unknown field in an update",
    ask: ({ server, thread }) => server.put(`/threads/${thread}`, { owner: "me" }),
    status: 400,
    code: "unknown_field",
    field: "owner",
  },
  {
    name: "a chosen id over the limit",
    ask: ({ server }) => server.post("/threads", { id: long(129) }),
    status: 400,
    code: "invalid_id",
    field: "id",
  },
  {
    name: "a chosen id with a control character",
    ask: ({ server }) => server.post("/threads", { id: "a\u0007b" }),
    status: 400,
    code: "invalid_id",
    field: "id",
  },
  {
    name: "a chosen id that every client resolves away",
    ask: ({ server }) => server.post("/threads", { id: ".." }),
    status: 400,
    code: "invalid_id",
    field: "id",
  },
  {
    name: "a title with a control character",
    ask: ({ server }) => server.post("/threads", { title: "a\u0000b" }),
    status: 400,
    code: "invalid_text",
    field: "title",
  },
  {
    name: "a title over the limit",
    ask: ({ server }) => server.post("/threads", { title: long(501) }),
    status: 400,
    code: "limit_exceeded",
    field: "title",
  },
  {
    name: "a tag with a line break",
    ask: ({ server, thread }) => server.put(`/threads/${thread}`, { tags: ["a\nb"] }),
    status: 400,
    code: "invalid_text",
    field: "tags",
  },
  {
    name: "NUL in a message",
    ask: ({ server, thread }) => server.post(messagesOf(thread), { message: "a\u0000b" }),
    status: 400,
    code: "invalid_text",
    field: "message",
  },
  {
    name: "half a surrogate pair in a message",
    ask: ({ server, thread }) => server.post(messagesOf(thread), { message: "a\ud800b" }),
    status: 400,
    code: "invalid_text",
    field: "message",
  },
  {
    name: "metadata with too many keys",
    ask: ({ server }) =>
      server.post("/threads", {
        metadata: Object.fromEntries(Array.from({ length: 65 }, (_, key) => [`k${key}`, 1])),
      }),
    status: 400,
    code: "metadata_too_large",
    field: "metadata",
  },
  {
    name: "metadata with a long key",
    ask: ({ server }) => server.post("/threads", { metadata: { [long(65)]: 1 } }),
    status: 400,
    code: "metadata_too_large",
    field: "metadata",
  },
  {
    name: "metadata over the size",
    ask: ({ server, thread }) =>
      server.put(`/threads/${thread}`, { metadata: { a: long(16_400) } }),
    status: 400,
    code: "metadata_too_large",
    field: "metadata",
  },
  {
    name: "metadata that is no object",
    ask: ({ server }) => server.post("/threads", { metadata: [1] }),
    status: 400,
    code: "invalid_request",
    field: "metadata",
  },
  {
    name: "a body over the limit",
    ask: ({ server, thread }) => server.post(messagesOf(thread), { message: long(8_400_000) }),
    status: 413,
    code: "body_too_large",
  },
  {
    name: "a message for an unknown thread that must not be made",
    ask: ({ server }) =>
      server.post("/threads/th_no/messages", { message: "x", if_missing: "error" }),
    status: 404,
    code: "thread_not_found",
  },
  {
    name: "an unknown agent in create",
    ask: ({ server }) => server.post("/threads", { agent_id: "nobody", initial_message: "x" }),
    status: 400,
    code: "agent_not_found",
  },
  {
    name: "an unknown agent in a message",
    ask: ({ server, thread }) =>
      server.post(messagesOf(thread), { message: "x", agent_id: "nobody" }),
    status: 400,
    code: "agent_not_found",
  },
];
