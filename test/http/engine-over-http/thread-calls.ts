import { createHash } from "node:crypto";
import type {
  AppendResult,
  Engine,
  RunInput,
  SerializeOptions,
  ThreadListInput,
} from "../../../src/engine/engine.ts";
import { isSkeinError } from "../../../src/model/error.ts";
import type { Thread } from "../../../src/model/thread.ts";
import type { Loose } from "../loose.ts";
import { hitFromWire, messageFromWire, runFromWire } from "./from-wire.ts";
import { branchFromWire, statsFromWire, threadFromWire } from "./from-wire.ts";
import { cursorOf, path } from "./remote.ts";
import type { Asked, Remote } from "./remote.ts";
import { messageToWire, runToWire, timeToWire } from "./to-wire.ts";

type ThreadCalls = Pick<
  Engine,
  | "create"
  | "get"
  | "detail"
  | "getMany"
  | "list"
  | "search"
  | "stats"
  | "update"
  | "rename"
  | "tag"
  | "archive"
  | "unarchive"
  | "delete"
  | "undelete"
  | "setMember"
  | "removeMember"
  | "getOrCreate"
  | "hold"
  | "release"
  | "custom"
  | "putBlob"
  | "getBlob"
  | "serialize"
  | "resume"
>;

/** A call that answers a thread's header. */
export async function askThread(
  remote: Remote,
  method: string,
  where: string,
  asked?: Asked,
): Promise<Thread> {
  return threadFromWire((await remote.call(method, where, asked)).body);
}

export function threadCalls(remote: Remote): ThreadCalls {
  const ask = (method: string, where: string, asked?: Asked): Promise<Thread> =>
    askThread(remote, method, where, asked);
  const get: Engine["get"] = (id, { at, ...options } = {}) =>
    ask("GET", path("threads", id), { query: { at }, options });
  return {
    get,
    getOrCreate: async (input, options) => {
      const { agentId: agent_id, messages, ...rest }: Loose = input;
      const answer = await remote.call("POST", "/threads/open", {
        body: { ...toEnd(rest), agent_id, messages: messages?.map(messageToWire) },
        options,
      });
      return { thread: threadFromWire(answer.body), isNew: answer.status === 201 };
    },
    hold: (id, reason, options) =>
      ask("POST", path("threads", id, "hold"), { body: { reason }, options }),
    release: (id, options) => ask("POST", path("threads", id, "release"), { options }),
    create: (input = {}, options) => create(remote, input, options),
    detail: async (id, options) => ({
      thread: await get(id, options),
      branches: (await remote.call("GET", path("threads", id, "branches"), { options })).body.map(
        branchFromWire,
      ),
      runs: (await remote.call("GET", path("threads", id, "runs"), { options })).body
        .map(runFromWire)
        .filter(({ endedAt }: { readonly endedAt?: number }) => endedAt === undefined),
    }),
    getMany: (ids, options) => Promise.all(ids.map((id) => get(id, options).catch(nullIfUnseen))),
    list: async (input = {}, options) => {
      const answer = await remote.call("GET", "/threads", { query: listQuery(input), options });
      return { items: answer.body.map(threadFromWire), ...cursorOf(answer) };
    },
    search: async ({ text: q, threadId: thread_id, ...rest }, options) => {
      const query = { ...rest, q, thread_id };
      const answer = await remote.call("GET", "/search", { query, options });
      return {
        items: answer.body.map(hitFromWire),
        ...cursorOf(answer),
        indexLag: Number(answer.headers.get("skein-index-lag")),
      };
    },
    stats: async (id, options) =>
      statsFromWire((await remote.call("GET", path("threads", id, "stats"), { options })).body),
    update: (id, { agentId: agent_id, ...rest }, options) =>
      ask("PUT", path("threads", id), { body: { ...toEnd(rest), agent_id }, options }),
    rename: (id, title, options) => ask("PUT", path("threads", id), { body: { title }, options }),
    tag: (id, change, options) =>
      ask("POST", path("threads", id, "tags"), { body: change, options }),
    archive: (id, options) => ask("POST", path("threads", id, "archive"), { options }),
    unarchive: (id, options) => ask("POST", path("threads", id, "unarchive"), { options }),
    delete: async (id, { purge, ...options } = {}) => {
      await remote.call("DELETE", path("threads", id), { query: { purge }, options });
    },
    undelete: (id, options) => ask("POST", path("threads", id, "undelete"), { options }),
    setMember: (id, user, role, options) =>
      ask("PUT", path("threads", id, "members", user), { body: { role }, options }),
    removeMember: async (id, user, options) => {
      await remote.call("DELETE", path("threads", id, "members", user), { options });
      // Who left cannot look any more.
      return user === options?.userId ? get(id) : get(id, options);
    },
    custom: (id, name, data, options) =>
      ask("POST", path("threads", id, "log"), { body: { name, data }, options }),
    serialize: serializer(remote),
    resume: async (serialized, { threadId, agentId, ...options } = {}) => {
      const query = { thread_id: threadId, agent_id: agentId };
      const body: Loose = serialized;
      const answer = await remote.call("POST", "/threads/import", { query, body, options });
      return { thread: threadFromWire(answer.body), isNew: answer.status === 201 };
    },
    putBlob: async (bytes, mediaType, options = {}) => {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const { body } = await remote.upload(path("blobs", sha256), bytes, mediaType, options);
      return { sha256: body.sha256, sizeBytes: body.size_bytes, mediaType: body.media_type };
    },
    getBlob: async (sha256, options = {}) => {
      const { bytes, mediaType } = await remote.download(path("blobs", sha256), options);
      return { info: { sha256, sizeBytes: bytes.byteLength, mediaType }, bytes };
    },
  };
}

function serializer(remote: Remote): Engine["serialize"] {
  return async (id: string, given: SerializeOptions = {}): Promise<Loose> => {
    const { mode = "reference", inlineBytes: inline_bytes, ...options } = given;
    const query = { mode, inline_bytes };
    return (await remote.call("GET", path("threads", id, "export"), { query, options })).body;
  };
}

async function create(
  remote: Remote,
  { agentId: agent_id, messages, run, ...rest }: NonNullable<Parameters<Engine["create"]>[0]>,
  options: Parameters<Engine["create"]>[1],
): Promise<AppendResult> {
  const wished: { readonly run?: RunInput } = run === undefined ? {} : { run };
  const { body } = await remote.call("POST", "/threads", {
    body: {
      ...toEnd(rest),
      agent_id,
      messages: messages?.map(messageToWire),
      ...(wished.run && { run: runToWire(wished.run) }),
    },
    options,
  });
  return {
    thread: threadFromWire(body),
    messages: (body.messages ?? []).map(messageFromWire),
    branch: "main",
    ...(body.run !== undefined && { run: runFromWire(body.run) }),
  };
}

/** When a thread ends, as the wire spells it. */
function toEnd({ expiresIn, expiresAt, ...rest }: Loose): Loose {
  return {
    ...rest,
    ...(expiresIn !== undefined && { expires_in: expiresIn }),
    ...(expiresAt !== undefined && {
      expires_at: expiresAt === null ? null : timeToWire(expiresAt),
    }),
  };
}

function listQuery(input: ThreadListInput): Asked["query"] & object {
  const { owner, agentId, metadata = {}, title, from, to, ...rest } = input;
  const filter = Object.entries(metadata).map(([key, value]) => [
    `metadata[${key}]`,
    JSON.stringify(value),
  ]);
  return {
    ...rest,
    ...Object.fromEntries(filter),
    user_id: owner,
    agent_id: agentId,
    search: title,
    from_date: from && timeToWire(from),
    to_date: to && timeToWire(to),
  };
}

function nullIfUnseen(error: unknown): null {
  if (isSkeinError(error, "thread_not_found") || isSkeinError(error, "thread_deleted")) return null;
  throw error;
}
