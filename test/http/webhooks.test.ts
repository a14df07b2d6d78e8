import { expect, test } from "vitest";
import { verifyWebhook } from "../../src/webhooks/verify-webhook.ts";
import { startReceiver } from "../webhooks/receiver.ts";
import { startServer } from "./server.ts";

test("an endpoint is added, shown without its secret, changed, tested and removed", async () => {
  await using receiver = await startReceiver();
  await using server = await startServer();
  const added = await server.post("/webhooks", {
    id: "w",
    url: receiver.url,
    events: ["thread.entry"],
    ops: ["message.append"],
    description: "For the ledger",
  });
  expect(added.status).toBe(201);
  const { secret, ...shown } = added.body;
  expect(secret).toMatch(/^whsec_/);
  expect(shown).toMatchObject({
    id: "w",
    events: ["thread.entry"],
    enabled: true,
    source: "api",
    delivered: 0,
    last_failure: null,
  });
  expect((await server.get("/webhooks")).body).toEqual([shown]);
  expect((await server.get("/webhooks/w")).body).toEqual(shown);
  const tested = await server.post("/webhooks/w/test");
  expect(tested.body).toMatchObject({ ok: true, status: 200, message: null });
  const [received] = receiver.received;
  expect(verifyWebhook(received?.text ?? "", received?.headers ?? {}, secret)).toMatchObject({
    type: "webhook.test",
  });
  const changed = await server.patch("/webhooks/w", { enabled: false, ops: [] });
  expect(changed.body).toMatchObject({ enabled: false, disabled_reason: "asked", ops: [] });
  expect(changed.body.secret).toBeUndefined();
  const rotated = await server.patch("/webhooks/w", { rotate_secret: true });
  expect(rotated.body.secret).toMatch(/^whsec_/);
  expect((await server.delete("/webhooks/w")).status).toBe(204);
  expect((await server.get("/webhooks/w")).body.error.code).toBe("webhook_not_found");
  expect((await server.get("/webhooks")).body).toEqual([]);
  expect(server.faults).toEqual([]);
});

test("what happens through the server is delivered, and delivered again when that is asked for", async () => {
  await using receiver = await startReceiver();
  await using server = await startServer();
  await server.webhooks.start();
  await server.post("/webhooks", { id: "w", url: receiver.url, ops: ["message.append"] });
  await server.post("/threads/t/messages", { message: "Hello", run: false });
  await receiver.until((all) => all.length >= 1);
  const [first] = receiver.received;
  const { body: log } = await server.get("/threads/t/log");
  expect(first?.body.data.entry).toEqual(
    log.find(({ op }: { op: string }) => op === "message.append"),
  );
  const replayed = await server.post("/webhooks/w/replay", { from: "2026-01-01" });
  expect(replayed.status).toBe(200);
  await receiver.until((all) => all.length >= 2);
  expect(receiver.received[1]?.id).toBe(first?.id);
  const wrong = await server.post("/webhooks/w/replay", { from: "2026-02-31T99:00Z" });
  expect([wrong.status, wrong.body.error.code]).toEqual([400, "invalid_request"]);
  const unknown = await server.post("/webhooks/w/replay", { from: "nowhere" });
  expect(unknown.body.error.code).toBe("invalid_cursor");
});

test("dead deliveries are listed, looked at and sent again", async () => {
  await using receiver = await startReceiver(() => 500);
  await using server = await startServer();
  const { createWebhooks } = await import("../../src/webhooks/create-webhooks.ts");
  await using deliverer = createWebhooks({
    skein: server.skein,
    network: "loopback",
    retryDelaysMs: [],
  });
  await server.post("/webhooks", { id: "w", url: receiver.url });
  await deliverer.start();
  for (const id of ["a", "b"]) await server.post("/threads", { id });
  await receiver.until((all) => all.length >= 2);
  await deliverer.stop();
  const page = await server.get("/webhooks/w/deliveries?limit=1");
  expect(page.body).toMatchObject([
    {
      event: "thread.entry",
      status: "dead",
      tries: 1,
      next_at: null,
      failure: { status: 500, message: "The endpoint answered 500." },
    },
  ]);
  expect(page.headers.get("link")).toContain('rel="next"');
  const id = page.body[0].id;
  const one = await server.get(`/webhooks/w/deliveries/${id}`);
  expect(one.body.payload.data.entry.op).toBe("thread.create");
  expect((await server.post(`/webhooks/w/deliveries/${id}/replay`)).body.ok).toBe(false);
  expect((await server.post("/webhooks/w/deliveries/replay")).body).toEqual({
    replayed: 0,
    failed: 1,
    left: 2,
  });
  receiver.answer = () => 204;
  expect((await server.post("/webhooks/w/deliveries/replay")).body).toEqual({
    replayed: 2,
    failed: 0,
    left: 0,
  });
  const missing = await server.get("/webhooks/w/deliveries/msg_nothing");
  expect([missing.status, missing.body.error.code]).toEqual([404, "delivery_not_found"]);
  expect(server.faults).toEqual([]);
});

test("bad endpoints are refused with the field", async () => {
  await using server = await startServer();
  const cases: readonly (readonly [object, string, string])[] = [
    [{ url: "http://10.0.0.1/" }, "invalid_request", "url"],
    [{ url: "file:///etc/passwd" }, "invalid_request", "url"],
    [{ url: "https://a:b@example.org/" }, "invalid_request", "url"],
    [{ url: "https://example.org/", events: ["run.started"] }, "invalid_request", "events[0]"],
    [{ url: "https://example.org/", secret: "short" }, "invalid_request", "secret"],
    [{ url: "https://example.org/", id: "no/slash" }, "invalid_id", "id"],
    [{ url: "https://example.org/", retries: 3 }, "unknown_field", "retries"],
    [{}, "invalid_request", "url"],
  ];
  for (const [body, code, field] of cases) {
    const { error } = (await server.post("/webhooks", body)).body;
    expect([error.code, error.field]).toEqual([code, field]);
  }
  await server.post("/webhooks", { id: "w", url: "https://example.org/" });
  const twice = await server.post("/webhooks", { id: "w", url: "https://example.org/" });
  expect([twice.status, twice.body.error.code]).toEqual([409, "id_conflict"]);
});

test("a key of one user, or a request on a user's behalf, manages no webhooks", async () => {
  await using server = await startServer({ keys: "k-alice:alice,k-all:*" });
  const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
  const body = { url: "https://example.org/" };
  const refused = await Promise.all([
    server.get("/webhooks", as("k-alice")),
    server.post("/webhooks", body, as("k-alice")),
    server.post("/webhooks", body, { ...as("k-all"), "x-skein-user": "alice" }),
    server.post("/webhooks", { ...body, user_id: "alice" }, as("k-all")),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  expect((await server.post("/webhooks", body, as("k-all"))).status).toBe(201);
});
