import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createWorkspace } from "../cli/workspace.ts";
import type { Wire } from "../cli/workspace.ts";
import { followEntries } from "../nodes/entry-follower.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { ownServer } from "../support/servers/servers.ts";
import { SERVER_STORES } from "./server-stores.ts";
import type { ServerStoreKind } from "./server-stores.ts";

const DOWN_MS = 3_000;

/** Asks until the answer is no longer that the store is away. */
async function ask(url: string, body?: unknown): Promise<Wire> {
  for (;;) {
    const headers = { "content-type": "application/json", "idempotency-key": keyOf(body) };
    const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
    const response = await fetch(url, init);
    const answer: Wire = Object(await response.json());
    if (response.ok) return answer;
    expect([response.status, answer["error"].code]).toEqual([503, "store_unavailable"]);
    expect(response.headers.get("retry-after")).not.toBeNull();
    await sleep(100);
  }
}

function keyOf(body: unknown): string {
  return JSON.stringify(body ?? "").replaceAll(/[^A-Za-z]+/gu, "-");
}

async function testServe({ server: kind }: ServerStoreKind): Promise<void> {
  await using database = await ownServer(kind);
  await using workspace = await createWorkspace();
  const server = workspace.start(["serve", "--port", "0"], {
    env: { SKEIN_STORE: await database.createDatabase(), SKEIN_DEMO_DELAY_MS: "100" },
  });
  const [, base = ""] = await server.seen(/^Skein is listening on (\S+)$/m);
  const threads = `${base}/api/v1/threads`;
  await ask(threads, { id: "t" });
  await using follower = followEntries(base, "t");
  await follower.ready;
  const { run } = await ask(`${threads}/t/messages`, { message: "My name is Ada." });
  await follower.until(() => follower.deltas.length >= 2);
  await database.kill();
  const asked = ask(`${threads}/t/messages`, { message: "What is my name?" });
  const listed = ask(threads);
  await sleep(DOWN_MS);
  await database.start();

  const [second] = await Promise.all([asked, listed]);
  await follower.until(() => follower.entries.filter(({ what }) => what === "run.end").length > 1);
  for (const { id } of [run, second["run"]])
    expect(await ask(`${threads}/t/runs/${id}`)).toMatchObject({ status: "completed" });
  expect(follower.entries.map(({ version }) => version)).toEqual(
    follower.entries.map((_, index) => index + 1),
  );
  const messages = await ask(`${threads}/t/messages`);
  expect(JSON.stringify(Object.values(messages).at(-1))).toContain("Ada");
  expect(server.process.exitCode).toBe(null);
  server.process.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
}

for (const kind of SERVER_STORES)
  await describeServer(
    kind.server,
    `a server on ${kind.title} that is killed during a run and is down for 3 seconds`,
    () => {
      test("goes on without a restart of its own", { timeout: 120_000 }, async () => {
        await testServe(kind);
      });
    },
    { own: true },
  );
