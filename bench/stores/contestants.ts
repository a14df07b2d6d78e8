import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { ownServer } from "../../test/support/servers/servers.ts";
import type { OwnServer } from "../../test/support/servers/servers.ts";
import { openLangGraphPostgres, openLangGraphSqlite } from "./langgraph-places.ts";
import { openMastraLibsql, openMastraPg } from "./mastra-places.ts";
import { openJsonLines, openJsonRows, openJsonbRows } from "./plain-places.ts";
import { openFolder, openMariadb, openPostgres, openRedis, openSqlite } from "./skein-places.ts";
import type { Contestant, ThreadPlace } from "./thread-place.ts";

const POWER = "loss of power";
const PROCESS = "a crash";

type Opener<T> = (at: T) => Promise<ThreadPlace>;

/** Everything that is compared. Servers are private ones that sync every commit; they start when first needed. */
export function contestantsIn(folder: string): {
  readonly contestants: readonly Contestant[];
  readonly close: () => Promise<void>;
} {
  const servers = new Map<OwnServerKind, Promise<OwnServer>>();
  const serverOf = (kind: OwnServerKind): Promise<OwnServer> => {
    const server = servers.get(kind) ?? ownServer(kind);
    servers.set(kind, server);
    return server;
  };
  const inFolder = (name: string, survives: string, open: Opener<string>): Contestant => ({
    name,
    survives,
    open: async () => open(await mkdtemp(join(folder, "place-"))),
  });
  const onServer = (name: string, kind: OwnServerKind, open: Opener<OwnServer>): Contestant => ({
    name,
    survives: POWER,
    open: async () => open(await serverOf(kind)),
  });
  return {
    contestants: [
      inFolder("Skein, SQLite", POWER, openSqlite),
      inFolder("Skein, files", POWER, openFolder),
      onServer("Skein, PostgreSQL", "postgres", openPostgres),
      onServer("Skein, MariaDB", "mariadb", openMariadb),
      onServer("Skein, Redis", "redis", openRedis),
      inFolder("@mastra/libsql", PROCESS, openMastraLibsql),
      onServer("@mastra/pg", "postgres", openMastraPg),
      inFolder("LangGraph, SQLite saver", PROCESS, openLangGraphSqlite),
      onServer("LangGraph, Postgres saver", "postgres", openLangGraphPostgres),
      inFolder("whole thread as JSON, SQLite", POWER, openJsonRows),
      onServer("whole thread as jsonb, PostgreSQL", "postgres", openJsonbRows),
      inFolder("JSONL files, fdatasync", POWER, openJsonLines),
    ],
    close: async () => {
      for (const server of servers.values()) await (await server)[Symbol.asyncDispose]();
    },
  };
}

type OwnServerKind = Parameters<typeof ownServer>[0];
