import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createWorkspace } from "../cli/workspace.ts";
import type { Started, Wire, Workspace } from "../cli/workspace.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { postgresUrl } from "../support/servers/servers.ts";

const WORKING = /^Skein is working on runs$/m;

describe("on one SQLite file", () => {
  testRoles(async () => {
    const folder = await mkdtemp(join(tmpdir(), "skein-roles-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return `sqlite:${join(folder, "skein.db")}`;
  });

  test("a store for one process has no use for a process with half of the work", async () => {
    await using work = await createWorkspace();
    for (const flag of ["--worker", "--no-worker"]) {
      const args = ["serve", flag, "--port", "0", "--store", "memory:"];
      const { code, stdout, stderr } = await work.skein(args);
      expect(code).not.toBe(0);
      expect(stdout).toBe("");
      expect(stderr).toContain("serves one process at a time");
    }
  });
});

await describeServer("postgres", "on one PostgreSQL database", () => {
  testRoles(postgresUrl);
});

function testRoles(openStore: () => Promise<string>): void {
  test("one process listens, another works, and what it writes streams through the first", async () => {
    await using work = await createWorkspace();
    const env = { SKEIN_STORE: await openStore(), SKEIN_DEMO_DELAY_MS: "20" };
    const url = await startListening(work, env);
    const first = await post(url, "t", "My name is Ada.");
    const queued = await fetch(`${url}/api/v1/runs/${first.run.id}`);
    expect(await queued.json()).toMatchObject({ status: "queued" });
    const worker = work.start(["serve", "--worker"], { env });
    await worker.seen(WORKING);
    const deltas = await streamOf(url, first.run.id);
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join("")).toContain("Ada");
    const second = await post(url, "t", "What is my name?", { wait: true });
    expect(second.reply.text).toContain("Ada");
    expect(await stopped(worker)).toBe(0);
  });

  test("a run that its worker was killed over is done by the next", async () => {
    await using work = await createWorkspace();
    const env = { SKEIN_STORE: await openStore(), SKEIN_DEMO_DELAY_MS: "100" };
    const url = await startListening(work, env);
    const dying = work.start(["serve", "--worker"], { env });
    await dying.seen(WORKING);
    const { run } = await post(url, "t", "My name is Grace.");
    await streamOf(url, run.id, (seen) => seen.length > 0);
    dying.process.kill("SIGKILL");
    await dying.ended;
    const next = work.start(["serve", "--worker"], { env });
    await next.seen(WORKING);
    const text = (await streamOf(url, run.id)).join("");
    expect(text).toContain("Grace");
    const { run: done } = await post(url, "t", "And now?", { wait: true });
    expect(done.status).toBe("completed");
    expect(await stopped(next)).toBe(0);
  }, 60_000);

  test("while workers are replaced nothing is left behind", async () => {
    await using work = await createWorkspace();
    const env = { SKEIN_STORE: await openStore(), SKEIN_DEMO_DELAY_MS: "20" };
    const url = await startListening(work, env);
    const old = work.start(["serve", "--worker"], { env });
    await old.seen(WORKING);
    const threads = Array.from({ length: 12 }, (_, index) => `t${index}`);
    const asked = await Promise.all(threads.map((id) => post(url, id, `Hello from ${id}.`)));
    const fresh = work.start(["serve", "--worker"], { env });
    const ending = stopped(old);
    await fresh.seen(WORKING);
    for (const { run } of asked) await streamOf(url, run.id);
    expect(await ending).toBe(0);
    for (const { run } of asked) {
      const response = await fetch(`${url}/api/v1/runs/${run.id}`);
      expect(await response.json()).toMatchObject({ status: "completed" });
    }
    expect(await stopped(fresh)).toBe(0);
  }, 60_000);
}

async function startListening(
  work: Workspace,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const server = work.start(["serve", "--no-worker", "--port", "0"], { env });
  const [, url = ""] = await server.seen(/^Skein is listening on (\S+)$/m);
  return url;
}

async function stopped(started: Started): Promise<number | null> {
  started.process.kill("SIGTERM");
  return (await started.ended).code;
}

async function post(url: string, thread: string, message: string, more: Wire = {}): Promise<Wire> {
  const response = await fetch(`${url}/api/v1/threads/${thread}/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message, ...more }),
  });
  expect(response.ok).toBe(true);
  return Object(await response.json());
}

/** The texts of a run as they come, until it ends or `isEnough`. */
async function streamOf(
  url: string,
  runId: string,
  isEnough: (texts: readonly string[]) => boolean = () => false,
): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/v1/runs/${runId}/stream?live=sse`);
  const texts: string[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const frames = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) texts.push(...textsIn(frame));
    if (isEnough(texts)) break;
  }
  return texts;
}

function textsIn(frame: string): readonly string[] {
  const data = /^data: ?(.*)$/mu.exec(frame)?.[1] ?? "null";
  const events: unknown = JSON.parse(data);
  const list: readonly Wire[] = Array.isArray(events) ? events : [Object(events)];
  return list.flatMap(({ type, kind, text }) =>
    type === "delta" && kind === "text" ? [String(text)] : [],
  );
}
