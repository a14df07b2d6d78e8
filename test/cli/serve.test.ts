import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace, type Started, type Wire, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(() => work[Symbol.asyncDispose]());

async function urlOf(server: Started): Promise<string> {
  const [, url = ""] = await server.seen(/^Skein is listening on (\S+)$/m);
  return url;
}

test("the server prints its URL, serves what the commands wrote, and ends at SIGTERM with 0", async () => {
  const server = work.start(["serve", "--port", "0"]);
  const url = await urlOf(server);
  expect(server.stdout()).toBe(`Skein is listening on ${url}\n`);
  expect(server.stderr()).toContain("Store: sqlite:./.skein/skein.db");
  expect(server.stderr()).toContain("SKEIN_MODEL");
  expect(server.stderr()).toContain("Local mode");
  await work.json(["threads", "new", "--id", "shared", "--title", "From a command"]);
  const thread = await fetch(`${url}/api/v1/threads/shared`);
  expect(await thread.json()).toMatchObject({ title: "From a command" });
  const answer = await fetch(`${url}/api/v1/threads/shared/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "My name is Ada.", wait: true }),
  });
  expect(await answer.json()).toMatchObject({ reply: { text: expect.stringContaining("Ada") } });
  const [stats] = await work.json(["threads", "stats", "shared"]);
  expect(stats).toMatchObject({ message_count: 2, run_count: 1 });
  const port = new URL(url).port;
  const second = await work.skein(["serve", "--port", port]);
  expect(second).toMatchObject({ code: 6, stdout: "" });
  expect(second.stderr).toContain(`127.0.0.1:${port} is used by another program.`);
  const [doctor] = await work.json(["doctor"], { env: { SKEIN_PORT: port } });
  expect(doctor?.["checks"]).toContainEqual({
    name: "port",
    status: "ok",
    detail: `Skein is listening on 127.0.0.1:${port}`,
  });
  // A terminal and npm both pass Ctrl-C on: the echo must not cut the ending short.
  server.process.kill("SIGTERM");
  server.process.kill("SIGTERM");
  const ended = await server.ended;
  expect(ended.code).toBe(0);
  expect(ended.stderr).not.toContain("Error");
});

test("a server that was killed in the middle of an answer finishes it when it starts again", async () => {
  const dying = work.start(["serve", "--port", "0"], { env: { SKEIN_DEMO_DELAY_MS: "200" } });
  const url = await urlOf(dying);
  const posted = await fetch(`${url}/api/v1/threads/crash/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "My name is Grace." }),
  });
  const { run }: Wire = Object(await posted.json());
  const events = await fetch(`${url}/api/v1/threads/crash/events?after=0`);
  const decoder = new TextDecoder();
  let seen = "";
  for await (const bytes of events.body ?? []) {
    seen += decoder.decode(bytes, { stream: true });
    if (seen.includes("event: delta")) break;
  }
  expect(seen).toContain("event: delta");
  dying.process.kill("SIGKILL");
  await dying.ended;
  const next = work.start(["serve", "--port", "0", "--json"]);
  await next.seen(/"url"/);
  const { url: newUrl } = JSON.parse(next.stdout());
  const answer = await fetch(`${newUrl}/api/v1/threads/crash/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "What is my name?", wait: true }),
  });
  expect(await answer.json()).toMatchObject({ reply: { text: expect.stringContaining("Grace") } });
  const [ended] = await work.json(["runs", "show", "crash", run.id]);
  expect(ended?.["status"]).toBe("completed");
  next.process.kill("SIGINT");
  expect((await next.ended).code).toBe(0);
});

test("without keys it refuses to be reached from other machines and says what to do", async () => {
  const { code, stderr } = await work.skein(["serve", "--host", "0.0.0.0", "--port", "0"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^skein: .*SKEIN_API_KEYS.*\n$/);
});

test("with keys it asks for one", async () => {
  const server = work.start(["serve"], {
    env: { SKEIN_API_KEYS: "s3cret:*", SKEIN_PORT: "0", SKEIN_STORE: "memory:" },
  });
  const url = await urlOf(server);
  expect(server.stderr()).toContain("lost when the server ends");
  expect(server.stderr()).not.toContain("s3cret");
  expect((await fetch(`${url}/api/v1/threads`)).status).toBe(401);
  const allowed = await fetch(`${url}/api/v1/threads`, { headers: { "x-api-key": "s3cret" } });
  expect(allowed.status).toBe(200);
  server.process.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
});
