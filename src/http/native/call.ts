import type { Skein } from "../../agents/skein.ts";
import type { CallOptions, WriteOptions } from "../../engine/engine.ts";
import type { TrackedWorkspace } from "../../files/tracked-workspace.ts";
import type { Bindings } from "../bindings.ts";
import type { Caller } from "../auth.ts";
import type { HttpRequest } from "../node-request.ts";
import type { Webhooks } from "../../webhooks/webhook.ts";
import type { OnFault } from "./error-reply.ts";
import type { TailHub } from "./tail-hub.ts";

/** What every route works with. */
export interface Services {
  readonly skein: Skein;
  readonly tails: TailHub;
  readonly onFault: OnFault;
  /** Absent: this server has none. */
  readonly webhooks?: Webhooks | undefined;
  /** Whose files rollbacks change. Absent: this server has none. */
  readonly workspace?: TrackedWorkspace | undefined;
}

/** Names of the `{parameters}` of a path. */
export type PathParameter<Path extends string> =
  Path extends `${string}{${infer Name}}${infer Rest}` ? Name | PathParameter<Rest> : never;

/** One request, checked. */
export interface Call<Path extends string, Query, Body> {
  readonly params: Readonly<Record<PathParameter<Path>, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly services: Services;
  readonly skein: Skein;
  readonly caller: Caller;
  /** For reading on the caller's behalf. */
  readonly reading: CallOptions;
  /** For writing: with the idempotency key and the expected version of the request. */
  readonly writing: WriteOptions;
  readonly request: HttpRequest;
  readonly bindings: Bindings | undefined;
  /** True when the client asks for server-sent events. */
  readonly wantsEvents: boolean;
}
