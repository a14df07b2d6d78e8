/** Database servers for tests: private ones, or those that the environment names. The first to ask waits for the
 *  start, which may install packages: ask where no time limit runs, at the top of a test file. */
import { askKeeper } from "./ask-keeper.ts";
import { isOwnServerFacts, type KeeperCall } from "./keeper-call.ts";
import type { ServerName, Settings } from "./server-kind.ts";

/** The URL of a fresh, empty database, nobody else's. Cost: 10 to 60 ms when the server runs. */
export const postgresUrl = (): Promise<string> =>
  askText({ do: "create-database", kind: "postgres" });
/** The URL of a fresh, empty database, nobody else's. */
export const mariadbUrl = (): Promise<string> =>
  askText({ do: "create-database", kind: "mariadb" });
/** The URL of an empty database, nobody else's: one by number, or with `?prefix=…` on a server of somebody else. */
export const redisUrl = (): Promise<string> => askText({ do: "create-database", kind: "redis" });

/** Why there is no server of this kind, or undefined. With `own`, one that can be killed; an URL in the environment
 *  does not help there. @throws in CI, where no database may be missing */
export async function missingServer(
  kind: ServerName,
  { own = false }: { readonly own?: boolean } = {},
): Promise<string | undefined> {
  const reason = await askKeeper({ do: "explain", kind, own });
  if (typeof reason !== "string") return undefined;
  if (isContinuousIntegration()) throw new Error(`CI tests every database: ${reason}`);
  return reason;
}

function isContinuousIntegration(): boolean {
  return !["", "0", "false", undefined].includes(process.env["CI"]);
}

/** A server of the caller's own, as durable as its product promises. It is removed at the end of the run at the latest. */
export interface OwnServer extends AsyncDisposable {
  /** With all rights; stays the same from start to start. */
  readonly url: string;
  readonly pid: number;
  createDatabase(): Promise<string>;
  /** Ends it at once: PostgreSQL by its immediate shutdown, the others by SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again at the same port, over the same data; `settings` hold for this start. */
  start(settings?: Settings): Promise<void>;
}

/** Starts a server with settings as its own configuration spells them, for example
 *  `{ character_set_server: "latin1" }` or `{ appendonly: "no" }`. Cost: 0.1 s (Redis) to 2 s. */
export async function ownServer(kind: ServerName, settings: Settings = {}): Promise<OwnServer> {
  const facts = await askKeeper({ do: "create-server", kind, settings });
  if (!isOwnServerFacts(facts)) throw new Error("The keeper answered something else.");
  const { server, url } = facts;
  let currentPid = facts.pid;
  return {
    url,
    get pid() {
      return currentPid;
    },
    createDatabase: () => askText({ do: "create-database-on", server }),
    kill: async () => void (await askKeeper({ do: "kill", server })),
    start: async (changes = {}) => {
      currentPid = Number(await askKeeper({ do: "start", server, settings: changes }));
    },
    [Symbol.asyncDispose]: async () => void (await askKeeper({ do: "remove", server })),
  };
}

async function askText(call: KeeperCall): Promise<string> {
  return String(await askKeeper(call));
}
