import { chown, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { fetchPostgres } from "./embedded-postgres.ts";
import { runUnprivileged } from "./run-program.ts";
import type { ServerKind, Site } from "./server-kind.ts";
import { unprivileged } from "./unprivileged.ts";

const PACKAGED = "/usr/lib/postgresql";

export const postgres: ServerKind = {
  name: "postgres",
  variable: "SKEIN_TEST_POSTGRES",
  server: "postgres",
  tools: ["initdb"],
  folders: async () => {
    const versions = await readdir(PACKAGED).catch((): string[] => []);
    return versions
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(PACKAGED, version, "bin"));
  },
  oldest: [15, 0],
  debianPackages: ["postgresql"],
  fetchPrograms: fetchPostgres,
  // Commits reach the system's memory, which survives the end of the server, not the end of the machine.
  sharedSettings: { fsync: "off", full_page_writes: "off", max_connections: "300" },
  prepare: createCluster,
  command: (site, settings) => [
    program(site, "postgres"),
    "-D",
    join(site.folder, "data"),
    ...Object.entries({
      listen_addresses: "127.0.0.1",
      port: String(site.port),
      // Only the port is needed, and the path of a socket may be too long.
      unix_socket_directories: "",
      ...settings,
    }).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ],
  // The server's own word for "immediately": its children end too, and nothing is written.
  killSignal: "SIGQUIT",
  url: ({ port, password }) => `postgres://skein:${password}@127.0.0.1:${port}/postgres`,
  ping: async (url) => execute(url, "select 1"),
  createDatabase: async (serverUrl, { name }) => {
    await execute(serverUrl, `create database ${name}`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return url.href;
  },
  dropDatabase: (serverUrl, { name }) =>
    execute(serverUrl, `drop database if exists ${name} with (force)`),
};

/** A language's order by default, as most installations have it: an adapter that relies on the order of bytes
 *  without asking for it shows. Builds without ICU take what the system has. */
async function createCluster(site: Site): Promise<void> {
  const passwordFile = join(site.folder, "password");
  await writeFile(passwordFile, site.password, { mode: 0o600 });
  const account = await unprivileged();
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
  const data = join(site.folder, "data");
  const common = ["-D", data, "-U", "skein", "-A", "scram-sha-256", "--no-sync", "-E", "UTF8"];
  const create = (locale: readonly string[]): Promise<string> =>
    runUnprivileged(
      program(site, "initdb"),
      [...common, `--pwfile=${passwordFile}`, ...locale],
      site.folder,
    );
  try {
    await create(["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]);
  } catch {
    await rm(data, { recursive: true, force: true });
    await create(["--locale=C"]);
  }
  await rm(passwordFile);
}

function program({ programs }: Site, name: string): string {
  return programs.get(name) ?? name;
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  // A server that ends while nobody asks it anything is no error of this client.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
