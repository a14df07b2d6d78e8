import type { Skein } from "../../../src/agents/skein.ts";
import type { Engine, FeedOptions, ObserveOptions } from "../../../src/engine/engine.ts";
import type { TestServer } from "../server.ts";
import { messageCalls } from "./message-calls.ts";
import { relationCalls } from "./relation-calls.ts";
import { remoteOf } from "./remote.ts";
import type { Remote } from "./remote.ts";
import { runCalls } from "./run-calls.ts";
import { feed, observe } from "./streams.ts";
import { threadCalls } from "./thread-calls.ts";

/** An engine whose every call is a request to the server. What only the process of the server has stays there: the store, the
 *  journal of a worker, the check of the data. Nobody else works on runs. */
export function engineOverHttp(server: TestServer): Engine {
  return engineOf(server, remoteOf(server));
}

function engineOf(server: TestServer, remote: Remote): Engine {
  const { skein } = server;
  return {
    ...withoutRoutes(skein),
    store: skein.store,
    worker: skein.worker,
    onRunChange: (listener) => skein.onRunChange(listener),
    check: (options) => skein.check(options),
    open: () => skein.open(),
    close: async () => {
      await server.close();
      if (server.faults.length > 0)
        throw new AggregateError(server.faults, "The server had faults of its own.");
    },
    as: ({ user, tenant, scopes }) => {
      if (typeof user !== "string" || tenant !== undefined || scopes !== undefined)
        throw new Error("A request acts for a user, and for nothing less or more.");
      return engineOf(server, remote.as(user));
    },
    ...threadCalls(remote),
    ...messageCalls(remote),
    ...runCalls(remote),
    ...relationCalls(remote),
    feed: (options = {}) => feed(remote, options),
    observe: observer(remote),
  };
}

/** Every call refused, so that none of a newer engine runs in the process unnoticed. */
function withoutRoutes(skein: Skein): Skein {
  return new Proxy(skein, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return () => Promise.reject(new Error(`No request is known for ${String(name)}.`));
    },
  });
}

function observer(remote: Remote): Engine["observe"] {
  function observing(threadId: string, options?: ObserveOptions): ReturnType<typeof observe>;
  function observing(options?: FeedOptions): ReturnType<typeof feed>;
  function observing(
    given: string | FeedOptions = {},
    options: ObserveOptions = {},
  ): ReturnType<typeof observe | typeof feed> {
    return typeof given === "string" ? observe(remote, given, options) : feed(remote, given);
  }
  return observing;
}
