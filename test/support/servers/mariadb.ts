import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { runUnprivileged } from "./run-program.ts";
import type { ServerKind, Site } from "./server-kind.ts";
import { unprivileged } from "./unprivileged.ts";

export const mariadb: ServerKind = {
  name: "mariadb",
  variable: "SKEIN_TEST_MYSQL",
  server: "mariadbd",
  tools: ["mariadb-install-db"],
  folders: async () => [
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/libexec",
    "/usr/local/opt/mariadb/bin",
  ],
  oldest: [10, 11],
  // The server without a service and its data; a tool of the client's prepares ours.
  debianPackages: ["mariadb-server-core", "mariadb-client-core"],
  // Commits reach the system's memory, which survives the end of the server, not the end of the machine.
  sharedSettings: {
    innodb_flush_log_at_trx_commit: "2",
    innodb_doublewrite: "0",
    max_connections: "500",
  },
  prepare: createData,
  command: (site, settings) => [
    program(site, "mariadbd"),
    "--no-defaults",
    `--datadir=${join(site.folder, "data")}`,
    `--init-file=${join(site.folder, "users.sql")}`,
    `--socket=${join(site.folder, "socket")}`,
    `--pid-file=${join(site.folder, "pid")}`,
    ...Object.entries({
      bind_address: "127.0.0.1",
      port: String(site.port),
      skip_name_resolve: "1",
      character_set_server: "utf8mb4",
      // Most installations compare without regard to case: an adapter that forgets to ask for more shows.
      collation_server: "utf8mb4_general_ci",
      ...settings,
    }).map(([name, value]) => `--${name}=${value}`),
  ],
  killSignal: "SIGKILL",
  url: ({ port, password }) => `mysql://skein:${password}@127.0.0.1:${port}/mysql`,
  ping: (url) => execute(url, "select 1"),
  createDatabase: async (serverUrl, { name }) => {
    await execute(serverUrl, `create database ${name}`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return url.href;
  },
  dropDatabase: (serverUrl, { name }) => execute(serverUrl, `drop database if exists ${name}`),
};

async function createData(site: Site): Promise<void> {
  const users = join(site.folder, "users.sql");
  const statements = [
    `create user if not exists skein@'127.0.0.1' identified by '${site.password}';`,
    "grant all on *.* to skein@'127.0.0.1' with grant option;",
  ];
  await writeFile(users, statements.join("\n"), { mode: 0o600 });
  const account = await unprivileged();
  if (account !== undefined) await chown(users, account.uid, account.gid);
  await runUnprivileged(
    program(site, "mariadb-install-db"),
    ["--no-defaults", `--datadir=${join(site.folder, "data")}`, "--skip-test-db"],
    site.folder,
  );
}

function program({ programs }: Site, name: string): string {
  return programs.get(name) ?? name;
}

async function execute(url: string, statement: string): Promise<void> {
  const connection = await createConnection(url);
  // A server that ends while nobody asks it anything is no error of this client.
  connection.on("error", () => undefined);
  try {
    await connection.query(statement);
  } finally {
    connection.destroy();
  }
}
