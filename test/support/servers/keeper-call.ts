import type { ServerName, Settings } from "./server-kind.ts";

/** What a test may ask of the keeper, and what it answers. */
export type KeeperCall =
  /** Answers why there is no such server, or null. `own` = one that can be killed. */
  | { readonly do: "explain"; readonly kind: ServerName; readonly own: boolean }
  /** Answers the URL of a fresh, empty database on the server that all tests of the run share. */
  | { readonly do: "create-database"; readonly kind: ServerName }
  /** Answers a server of the caller's own, running. */
  | { readonly do: "create-server"; readonly kind: ServerName; readonly settings: Settings }
  | { readonly do: "create-database-on"; readonly server: number }
  | { readonly do: "kill"; readonly server: number }
  /** Answers the process id. */
  | { readonly do: "start"; readonly server: number; readonly settings: Settings }
  | { readonly do: "remove"; readonly server: number };

export interface OwnServerFacts {
  readonly server: number;
  readonly url: string;
  readonly pid: number;
}

export type KeeperAnswer = { readonly ok: unknown } | { readonly error: string };

export function isOwnServerFacts(answer: unknown): answer is OwnServerFacts {
  return (
    typeof answer === "object" &&
    answer !== null &&
    "server" in answer &&
    "url" in answer &&
    "pid" in answer
  );
}
