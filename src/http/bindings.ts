import type { HttpBindings } from "@hono/node-server";

/** What the Node server passes beside a request. All absent where the app runs on another server. */
export type Bindings = Partial<HttpBindings> & {
  /** Fires when the server stops accepting: whoever waits or streams ends now. */
  readonly closing?: AbortSignal;
};
