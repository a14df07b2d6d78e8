import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { canInstallPackages, installPackages } from "../support/servers/install-packages.ts";
import { freePort } from "../support/servers/free-port.ts";
import { unprivileged } from "../support/servers/unprivileged.ts";

const PROGRAM = "/usr/sbin/pgbouncer";

/** Why there is no PgBouncer here; `undefined`: there is one. Installs Debian's package where that is allowed. */
export async function missingPooler(): Promise<string | undefined> {
  if (await isThere()) return undefined;
  if (!(await canInstallPackages()))
    return `${PROGRAM} is not on this machine, and packages are installed as root on Debian only`;
  await installPackages(["pgbouncer"]).catch(() => undefined);
  return (await isThere()) ? undefined : "the package pgbouncer cannot be installed";
}

function isThere(): Promise<boolean> {
  return access(PROGRAM).then(
    () => true,
    () => false,
  );
}

export interface Pooler extends AsyncDisposable {
  /** The database through the pooler. */
  readonly url: string;
}

/** A PgBouncer of its own in transaction mode, with few connections to the database of `url`. */
export async function startPooler(url: string): Promise<Pooler> {
  const { hostname, port, pathname, username, password } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), "skein-pooler-"));
  const ownPort = await freePort();
  const file = join(folder, "pgbouncer.ini");
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
`,
  );
  const account = await unprivileged();
  if (account !== undefined) {
    await chmod(folder, 0o700);
    await chown(folder, account.uid, account.gid);
    await chown(file, account.uid, account.gid);
  }
  const child = spawn(PROGRAM, ["-q", file], { stdio: "ignore", ...account });
  const ended = once(child, "exit");
  await untilListening(ownPort);
  const pooled = new URL(url);
  pooled.host = `127.0.0.1:${ownPort}`;
  pooled.pathname = pathname;
  return {
    url: pooled.href,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await Promise.race([ended, sleep(2_000).then(() => child.kill("SIGKILL"))]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(
        () => false,
        () => false,
      ),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error("PgBouncer does not listen.");
}
