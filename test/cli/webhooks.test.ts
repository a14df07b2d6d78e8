import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newSecret } from "../../src/webhooks/secret.ts";
import { verifyWebhook } from "../../src/webhooks/verify-webhook.ts";
import { startReceiver } from "../webhooks/receiver.ts";
import { createWorkspace } from "./workspace.ts";

test("an endpoint that is added on the command line is delivered to by a server that runs", async () => {
  await using receiver = await startReceiver();
  await using work = await createWorkspace();
  const server = work.start(["serve", "--port", "0"]);
  await server.seen(/listening on (\S+)/);
  const [added] = await work.json(["webhooks", "add", receiver.url, "--ops", "thread.create"]);
  const tested = await work.skein(["webhooks", "test", added?.["id"]]);
  expect([tested.code, tested.stdout]).toEqual([0, expect.stringContaining("Taken with 200")]);
  await work.skein(["threads", "new", "--id", "t"]);
  await receiver.until((all) => all.some(({ body }) => body.type === "thread.entry"));
  const entry = receiver.received.find(({ body }) => body.type === "thread.entry");
  expect(verifyWebhook(entry?.text ?? "", entry?.headers ?? {}, added?.["secret"])).toMatchObject({
    data: { thread_id: "t" },
  });
  const listed = await work.skein(["webhooks", "list"]);
  expect(listed.stdout).toContain(`${added?.["id"]}  on `);
  expect(listed.stdout).not.toContain("whsec_");
  server.process.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
  expect(server.stderr()).not.toContain("whsec_");
});

test("an endpoint of the configuration is delivered to with a secret that is not stored", async () => {
  await using receiver = await startReceiver();
  await using work = await createWorkspace();
  const secret = newSecret();
  const config = { webhooks: [{ id: "led-ger", url: receiver.url, events: ["thread.entry"] }] };
  await writeFile(join(work.directory, "skein.config.json"), JSON.stringify(config));
  const refused = await work.skein(["serve", "--port", "0"]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("has no secret")]);
  const env = { SKEIN_WEBHOOK_SECRET_LED_GER: secret };
  const server = work.start(["serve", "--port", "0"], { env });
  await server.seen(/listening on/);
  await work.skein(["threads", "new", "--id", "t"], { env });
  await receiver.until((all) => all.length >= 1);
  const [received] = receiver.received;
  expect(verifyWebhook(received?.text ?? "", received?.headers ?? {}, secret)).toMatchObject({
    type: "thread.entry",
  });
  server.process.kill("SIGTERM");
  await server.ended;
  const stored = await readFile(join(work.directory, ".skein/skein.db"));
  expect(stored.includes(secret)).toBe(false);
});

test("wrong calls are refused with an exit code, and change nothing", async () => {
  await using work = await createWorkspace();
  const codes: readonly (readonly [readonly string[], number])[] = [
    [["webhooks", "add", "http://192.168.0.1/"], 2],
    [["webhooks", "add", "https://example.org/", "--events", "run.started"], 2],
    [["webhooks", "update", "nobody", "--no-enabled"], 3],
    [["webhooks", "replay", "nobody"], 2],
    [["webhooks", "replay", "nobody", "--dead"], 3],
    [["webhooks", "deliveries", "nobody"], 3],
    [["webhooks", "list", "--user", "alice"], 4],
  ];
  for (const [args, code] of codes)
    expect([args.join(" "), (await work.skein(args)).code]).toEqual([args.join(" "), code]);
  expect(await work.json(["webhooks", "list"])).toEqual([]);
});
