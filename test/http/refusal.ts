import type { Answer, TestServer } from "./server.ts";

export interface RefusalSetting {
  readonly server: TestServer;
  /** Id of a thread that must stay as it is. */
  readonly thread: string;
}

/** A request that must be refused. */
export interface Refusal {
  readonly name: string;
  readonly ask: (setting: RefusalSetting) => Promise<Answer>;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
}

export const messagesOf = (thread: string): string => `/threads/${thread}/messages`;
export const long = (count: number): string => "x".repeat(count);
export const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** Posts bytes as a message. */
export const postRaw =
  (body: string | Uint8Array<ArrayBuffer>, type = "application/json") =>
  ({ server, thread }: RefusalSetting): Promise<Answer> =>
    server.send(messagesOf(thread), { method: "POST", headers: { "content-type": type }, body });
