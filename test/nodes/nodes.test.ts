import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl, redisUrl } from "../support/servers/servers.ts";
import { startTwoNodes } from "./two-nodes.ts";
import type { NodeOptions } from "./two-nodes.ts";

const MESSAGES = 60;

function testNodes(options: () => Promise<NodeOptions>): void {
  test("clients of two servers see what is written through both, once and in order", async () => {
    await using nodes = await startTwoNodes(await options());
    await nodes.write(1, MESSAGES);
    await nodes.expectAll(MESSAGES);
  });

  test("text on its way reaches clients of the other server before the message does", async () => {
    await using nodes = await startTwoNodes({ ...(await options()), demoDelayMs: 100 });
    const [here, there] = nodes.followers;
    const response = await fetch(`${nodes.urls[0]}/api/v1/threads/shared/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: "My name is Ada." }),
    });
    expect(response.status).toBe(201);
    await there.until(() => there.deltas.length >= 3);
    expect(there.entries.some(({ what }) => what === "run.end")).toBe(false);
    await there.until(() => there.entries.some(({ what }) => what === "run.end"));
    await here.until(() => here.entries.some(({ what }) => what === "run.end"));
    const text = there.deltas.join("");
    // Deltas are a preview: the entry that follows may be there before the last of them.
    expect(here.deltas.join("").slice(0, text.length)).toBe(
      text.slice(0, here.deltas.join("").length),
    );
    expect(text.length).toBeGreaterThan(10);
  });
}

describe("two servers on one SQLite file", () => {
  testNodes(async () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-nodes-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    return { store: `sqlite:${join(folder, "skein.db")}` };
  });
});

await describeServer("postgres", "two servers on PostgreSQL", () => {
  testNodes(async () => ({ store: await postgresUrl() }));
});

await describeServer("postgres", "two servers on PostgreSQL without a bus", () => {
  testNodes(async () => ({ store: await postgresUrl(), bus: "none" }));
});

await describeServer("redis", "two servers on Redis", () => {
  testNodes(async () => ({ store: await redisUrl() }));
});

await describeServer("mariadb", "two servers on MariaDB", () => {
  testNodes(async () => ({ store: await mariadbUrl() }));
});

await describeServer("mariadb", "two servers on MariaDB with a bus", async () => {
  await describeServer("redis", "over Redis", () => {
    testNodes(async () => ({ store: await mariadbUrl(), bus: await redisUrl() }));
  });
});
