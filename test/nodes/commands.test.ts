import { expect, test } from "vitest";
import { createWorkspace } from "../cli/workspace.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { postgresUrl, redisUrl } from "../support/servers/servers.ts";
import { followEntries } from "./entry-follower.ts";

const LISTENING = /^Skein is listening on (\S+)$/m;

await describeServer("postgres", "a bus and the command line", async () => {
  test("what a command writes is told before the command ends", async () => {
    await using work = await createWorkspace();
    const env = { SKEIN_STORE: await postgresUrl() };
    const server = work.start(["serve", "--port", "0"], { env });
    const [, url = ""] = await server.seen(LISTENING);
    await work.json(["threads", "new", "--id", "shared", "--title", "Before"], { env });
    await using events = followEntries(url, "shared");
    await events.ready;
    await work.json(["threads", "rename", "shared", "After"], { env });
    await events.until(() => events.entries.some(({ what }) => what === "thread.set"));
    expect(events.entries.map(({ version }) => version)).toEqual([1, 2]);
  });

  test("an address that is no bus, and a password that is wrong, stop the server in a sentence", async () => {
    await using work = await createWorkspace();
    const refuse = async (bus: string): Promise<string> => {
      const env = { SKEIN_STORE: "memory:", SKEIN_BUS: bus };
      const { code, stderr, stdout } = await work.skein(["serve", "--port", "0"], { env });
      expect(code).not.toBe(0);
      expect(stdout).toBe("");
      expect(stderr).not.toContain("hidden-word");
      expect(stderr).not.toContain("    at ");
      return stderr;
    };
    expect(await refuse("nats://user:hidden-word@host")).toContain(
      "The bus must be redis://…, postgres://… or none",
    );
    const url = new URL(await postgresUrl());
    url.username = "nobody_here";
    url.password = "hidden-word";
    url.pathname = "/no_such_database";
    await refuse(url.href);
  });

  test("a bus that does not answer is noted, and the server starts", async () => {
    await using work = await createWorkspace();
    const env = { SKEIN_STORE: "memory:", SKEIN_BUS: "redis://user:hidden-word@127.0.0.1:1" };
    const server = work.start(["serve", "--port", "0"], { env });
    await server.seen(LISTENING);
    expect(server.stderr()).toContain("redis 127.0.0.1:1/0 does not answer");
    expect(server.stderr()).not.toContain("hidden-word");
    server.process.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
  });

  await describeServer("redis", "with Redis", () => {
    test("a server with a bus ends when it is asked to", async () => {
      await using work = await createWorkspace();
      const env = { SKEIN_STORE: await postgresUrl(), SKEIN_BUS: await redisUrl() };
      const server = work.start(["serve", "--port", "0"], { env });
      await server.seen(LISTENING);
      server.process.kill("SIGTERM");
      expect((await server.ended).code).toBe(0);
    });
  });
});
