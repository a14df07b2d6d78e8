import { createClient } from "redis";
import type { DatabaseName, ServerKind, Settings, Site } from "./server-kind.ts";

export const redis: ServerKind = {
  name: "redis",
  variable: "SKEIN_TEST_REDIS",
  server: "redis-server",
  tools: [],
  folders: async () => ["/usr/local/bin", "/opt/homebrew/bin"],
  oldest: [7, 0],
  debianPackages: ["redis-server"],
  sharedSettings: {},
  prepare: async () => undefined,
  command: (site, settings) => [
    site.programs.get("redis-server") ?? "redis-server",
    ...Object.entries(withDefaults(site, settings)).flatMap(([name, value]) => [
      `--${name}`,
      value,
    ]),
  ],
  killSignal: "SIGKILL",
  url: ({ port, password }) => `redis://default:${password}@127.0.0.1:${port}/0`,
  ping: (url) => withClient(url, async (client) => void (await client.ping())),
  createDatabase: async (serverUrl, database) => {
    const url = new URL(serverUrl);
    if (database.isForeign) url.searchParams.set("prefix", prefixOf(database));
    else url.pathname = `/${database.number}`;
    return url.href;
  },
  dropDatabase: (serverUrl, database) =>
    withClient(serverUrl, async (client) => {
      const keys = client.scanIterator({ MATCH: `${prefixOf(database)}*`, COUNT: 1000 });
      for await (const page of keys) if (page.length > 0) await client.unlink(page);
    }),
};

function withDefaults(site: Site, settings: Settings): Settings {
  return {
    bind: "127.0.0.1",
    port: String(site.port),
    dir: site.folder,
    requirepass: site.password,
    // One for every caller of a run.
    databases: "4096",
    save: "",
    appendonly: "yes",
    appendfsync: "always",
    "maxmemory-policy": "noeviction",
    ...settings,
  };
}

function prefixOf({ name }: DatabaseName): string {
  return `${name}:`;
}

type Client = ReturnType<typeof createClient>;

async function withClient(url: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client: Client = createClient({ url, socket: { reconnectStrategy: false } });
  // Told by the call that fails.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await use(client);
  } finally {
    client.destroy();
  }
}
