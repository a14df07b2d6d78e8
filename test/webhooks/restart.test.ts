import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { createWebhooks } from "../../src/webhooks/create-webhooks.ts";
import type { Webhooks } from "../../src/webhooks/webhook.ts";
import { say } from "./fixture.ts";
import { nameOf, startReceiver } from "./receiver.ts";

let folder: string;
let path: string;
let skein: Skein;
/** Manages, and delivers nothing. */
let webhooks: Webhooks;
const children = new Set<ChildProcess>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-webhooks-"));
  path = join(folder, "skein.db");
  skein = createSkein({ store: sqliteStore({ path }), model: "demo", env: {}, worker: false });
  webhooks = createWebhooks({ skein, network: "loopback" });
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  await skein.close();
  rmSync(folder, { recursive: true, force: true });
});

function startDelivering(): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, "deliver-process.ts"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

test("a process killed between a delivery and its acknowledgement delivers it again under the same id", async () => {
  let killed: ChildProcess | undefined;
  await using receiver = await startReceiver(async ({ body }) => {
    const isSecond = body.data.entry.version === 2;
    if (killed === undefined || !isSecond) return 200;
    const dying = killed;
    killed = undefined;
    // It has sent it, and will never know that it was taken.
    await end(dying, "SIGKILL");
    return 200;
  });
  await webhooks.add({ id: "w", url: receiver.url });
  killed = startDelivering();
  await skein.create({ id: "t" });
  await receiver.until((all) => all.length >= 1);
  await say(skein, "t", "two");
  await receiver.until((all) => all.some(({ body }) => body.data.entry.version === 2));
  await say(skein, "t", "three");
  startDelivering();
  await receiver.until((all) => all.some(({ body }) => body.data.entry.version === 3));
  const seconds = receiver.received.filter((one) => nameOf(one) === "t:2 message.append");
  expect(seconds).toHaveLength(2);
  expect(new Set(seconds.map(({ id }) => id)).size).toBe(1);
  expect(receiver.taken.slice(-2)).toEqual(["t:2 message.append", "t:3 thread.set"]);
});

test("a process that ends in order has noted everything, and its successor repeats nothing", async () => {
  await using receiver = await startReceiver();
  await webhooks.add({ id: "w", url: receiver.url });
  const first = startDelivering();
  await skein.create({ id: "t" });
  await receiver.until((all) => all.length >= 1);
  await end(first, "SIGTERM");
  await say(skein, "t", "while nobody delivers");
  startDelivering();
  await receiver.until((all) => all.length >= 2);
  expect(receiver.taken).toEqual(["t:1 thread.create", "t:2 message.append"]);
});

test("of two processes one delivers, and the other takes over when it is killed", async () => {
  await using receiver = await startReceiver();
  await webhooks.add({ id: "w", url: receiver.url });
  const [first, second] = [startDelivering(), startDelivering()];
  for (let index = 0; index < 20; index++) await skein.create({ id: `t${index}` });
  await receiver.until((all) => all.length >= 20);
  expect(new Set(receiver.taken).size).toBe(receiver.taken.length);
  await end(first, "SIGKILL");
  await skein.create({ id: "last" });
  await receiver.until(() => receiver.taken.includes("last:1 thread.create"));
  expect(second.exitCode).toBeNull();
});
