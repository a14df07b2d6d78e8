import type {
  AppendInput,
  AppendResult,
  Engine,
  WriteOptions,
} from "../../../src/engine/engine.ts";
import type { Loose } from "../loose.ts";
import { branchFromWire, entryFromWire, messageFromWire } from "./from-wire.ts";
import { runFromWire, threadFromWire } from "./from-wire.ts";
import { linkOf, path } from "./remote.ts";
import type { Asked, Remote } from "./remote.ts";
import { askThread } from "./thread-calls.ts";
import { contentToWire, messageToWire, runToWire, timeToWire } from "./to-wire.ts";

type MessageCalls = Pick<
  Engine,
  | "append"
  | "messages"
  | "message"
  | "annotate"
  | "redact"
  | "discard"
  | "branches"
  | "branch"
  | "renameBranch"
  | "removeBranch"
  | "edit"
  | "regenerate"
  | "truncate"
  | "fork"
  | "restoreVersion"
  | "trim"
  | "log"
>;

export function messageCalls(remote: Remote): MessageCalls {
  const { call } = remote;
  const of = (threadId: string, ...parts: readonly string[]): string =>
    path("threads", threadId, ...parts);
  const message = async (...asked: Parameters<Remote["call"]>): Promise<Loose> =>
    messageFromWire((await call(...asked)).body);
  const branch = async (...asked: Parameters<Remote["call"]>): Promise<Loose> =>
    branchFromWire((await call(...asked)).body);
  return {
    append: (id, input, options) => append(remote, id, input, options),
    messages: async (id, input = {}, options = {}) => {
      const answer = await call("GET", of(id, "messages"), { query: { ...input }, options });
      const isForth = input.after !== undefined;
      const [older, newer] = isForth ? ["prev", "next"] : ["next", "prev"];
      return {
        messages: answer.body.map(messageFromWire),
        total: Number(answer.headers.get("x-total-count")),
        trimmed: Number(answer.headers.get("x-trimmed-count") ?? 0),
        hasOlder: linkOf(answer, older ?? "") !== undefined,
        hasNewer: linkOf(answer, newer ?? "") !== undefined,
        version: input.at ?? versionOf(answer.headers),
      };
    },
    message: (id, messageId, options) => message("GET", of(id, "messages", messageId), { options }),
    annotate: (id, messageId, metadata, options) =>
      message("PUT", of(id, "messages", messageId, "metadata"), { body: { metadata }, options }),
    redact: (id, messageId, { reason, ...options } = {}) =>
      message("POST", of(id, "messages", messageId, "redact"), { body: { reason }, options }),
    discard: async (id, messageId, options = {}) => {
      await call("DELETE", of(id, "messages", messageId), { options });
      return askThread(remote, "GET", of(id), { options: reading(options) });
    },
    branches: async (id, options) =>
      (await call("GET", of(id, "branches"), { options })).body.map(branchFromWire),
    branch: (id, { messageId: message_id, ...rest }, options) =>
      branch("POST", of(id, "branches"), { body: { ...rest, message_id }, options }),
    renameBranch: (id, name, to, options) =>
      branch("PUT", of(id, "branches", name), { body: { name: to }, options }),
    removeBranch: async (id, name, options) => {
      await call("DELETE", of(id, "branches", name), { options });
    },
    edit: (id, messageId, { content, run, branch: on }, options) =>
      written(remote, id, of(id, "messages", messageId, "edit"), {
        body: {
          message: contentToWire(content),
          branch: on,
          ...(run === undefined ? { run: false } : { run: true, ...runToWire(run) }),
        },
        options,
      }),
    regenerate: (id, { messageId: message_id, branch: on, run = {} } = {}, options) =>
      written(remote, id, of(id, "regenerate"), {
        body: { message_id, branch: on, ...runToWire(run) },
        options,
      }),
    truncate: (id, message_id, { branch: on, ...options } = {}) =>
      askThread(remote, "POST", of(id, "truncate"), { body: { message_id, branch: on }, options }),
    fork: (id, { messageId: message_id, ...rest } = {}, options) =>
      askThread(remote, "POST", of(id, "fork"), { body: { ...rest, message_id }, options }),
    restoreVersion: (id, version, options) =>
      askThread(remote, "POST", of(id, "restore"), { body: { version }, options }),
    trim: async (id, { keepLast: keep_last, before }, { dryRun: dry_run, ...options } = {}) => {
      const { body } = await call("POST", of(id, "trim"), {
        body: { keep_last, dry_run, ...(before !== undefined && { before: timeToWire(before) }) },
        options,
      });
      return { thread: threadFromWire(body.thread), branches: body.branches };
    },
    log: async (id, input = {}, options = {}) =>
      (await call("GET", of(id, "log"), { query: { ...input }, options })).body.map(entryFromWire),
  };
}

/** One plain message goes the way that most clients take, several together, none as a run. */
async function append(
  remote: Remote,
  id: string,
  { messages, branch, parentId: parent_id, run }: AppendInput,
  options?: WriteOptions,
): Promise<AppendResult> {
  const place = { branch, parent_id };
  const [message, second] = messages;
  if (message === undefined && run !== undefined)
    return written(remote, id, path("threads", id, "runs"), {
      body: { branch, ...runToWire(run) },
      options,
    });
  const { content, id: messageId, role, metadata, ...more } = message ?? {};
  const { agentId, strategy, ...moreOfRun } = run ?? {};
  const isPlain = Object.keys({ ...more, ...moreOfRun }).length === 0;
  if (content === undefined || second !== undefined || !isPlain) {
    const body = {
      ...place,
      messages: messages.map(messageToWire),
      ...(run && { run: runToWire(run) }),
    };
    return written(remote, id, path("threads", id, "messages", "batch"), { body, options });
  }
  return written(remote, id, path("threads", id, "messages"), {
    body: {
      ...place,
      id: messageId,
      role,
      metadata,
      message: contentToWire(content),
      if_missing: "error",
      run: run !== undefined,
      agent_id: agentId,
      multitask_strategy: strategy,
    },
    options,
  });
}

/** Not every answer has the thread's header: then it is read behind the write. */
async function written(
  remote: Remote,
  id: string,
  where: string,
  asked: Asked,
): Promise<AppendResult> {
  const { body } = await remote.call("POST", where, asked);
  const { message, messages = message === undefined ? [] : [message], run, branch } = body;
  const thread =
    body.thread === undefined
      ? await askThread(remote, "GET", path("threads", id), { options: reading(asked.options) })
      : threadFromWire(body.thread);
  return {
    thread,
    messages: messages.map(messageFromWire),
    branch,
    ...(run !== null && { run: runFromWire(run) }),
  };
}

function reading({ userId, signal }: WriteOptions = {}): WriteOptions {
  return { ...(userId !== undefined && { userId }), ...(signal && { signal }) };
}

function versionOf(headers: Headers): number {
  return Number(headers.get("etag")?.replaceAll('"', ""));
}
