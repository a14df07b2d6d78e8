import { expect, test } from "vitest";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, ownServer, postgresUrl } from "../support/servers/servers.ts";
import { createWorkspace } from "./workspace.ts";

await describeServer(
  "redis",
  "a Redis server that may lose what it acknowledged",
  () => {
    test("is warned of by the doctor, without its password", async () => {
      await using server = await ownServer("redis", { appendfsync: "everysec" });
      await using work = await createWorkspace();
      const env = { SKEIN_STORE: server.url };
      const { stdout, stderr } = await work.skein(["doctor", "--json"], { env });
      expect(stdout).toContain("once a second");
      expect(stdout).toContain("Set appendonly yes and appendfsync always.");
      expect(stdout).toContain(new URL(server.url).host);
      const { password } = new URL(server.url);
      expect(stdout + stderr).not.toContain(password);
    });

    test("is warned of by the server when it starts", async () => {
      await using server = await ownServer("redis", { appendonly: "no" });
      await using work = await createWorkspace();
      const env = { SKEIN_STORE: server.url, SKEIN_PORT: "0" };
      const served = work.start(["serve"], { env });
      await served.seen(/Skein is listening on/u);
      served.process.kill("SIGTERM");
      const { code, stdout, stderr } = await served.ended;
      expect(code).toBe(0);
      expect(stderr).toContain("when it restarts, all threads are gone");
      expect(stdout + stderr).not.toContain(new URL(server.url).password);
    });
  },
  { own: true },
);

// The tests' own servers do without, to be faster.
await describeServer("postgres", "a PostgreSQL server that may lose what it acknowledged", () => {
  test("is warned of by the doctor", async () => {
    await using work = await createWorkspace();
    const { stdout } = await work.skein(["doctor"], { env: { SKEIN_STORE: await postgresUrl() } });
    expect(stdout).toMatch(/^warn {2}durability .*fsync off.*Set fsync on\./m);
  });
});

await describeServer("mariadb", "a MariaDB server that may lose what it acknowledged", () => {
  test("is warned of by the doctor", async () => {
    await using work = await createWorkspace();
    const { stdout } = await work.skein(["doctor"], { env: { SKEIN_STORE: await mariadbUrl() } });
    expect(stdout).toMatch(
      /^warn {2}durability .*innodb_flush_log_at_trx_commit 2.*Set it to 1\./m,
    );
  });
});
