import { describe, expect, test } from "vitest";
import { assertBindable, createAuth, parseApiKeys } from "../../src/http/auth.ts";
import { startServer } from "./server.ts";

describe("local mode", () => {
  test("only hosts that are this machine are answered", async () => {
    const auth = createAuth([]);
    const ask = (headers: Record<string, string>) => () => auth.authenticate(new Headers(headers));
    for (const host of ["localhost", "localhost:4747", "127.0.0.1:1", "[::1]:80", "127.1.2.3"])
      expect(ask({ host })()).toEqual({ user: null, isLocal: true });
    for (const host of [
      "evil.example",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "10.0.0.1",
      "0.0.0.0",
      "",
    ])
      expect(ask({ host })).toThrow(/answers only to localhost/);
    expect(ask({})).toThrow(/answers only to localhost/);
  });

  test("pages of other origins are refused", async () => {
    await using server = await startServer();
    const foreign = await server.get("/threads", { origin: "https://evil.example" });
    expect([foreign.status, foreign.body.error.code, foreign.body.error.field]).toEqual([
      403,
      "origin_refused",
      "Origin",
    ]);
    const { port } = new URL(server.url);
    for (const origin of [
      "null",
      "chrome-extension://localhost",
      `app://localhost:${port}`,
      `file://localhost`,
    ])
      expect((await server.get("/threads", { origin })).status).toBe(403);
    for (const origin of [`http://localhost:${port}`, "https://127.0.0.1", "http://[::1]:3000"])
      expect((await server.get("/threads", { origin })).status).toBe(200);
    expect((await server.get("/health", { origin: "https://evil.example" })).status).toBe(403);
    expect((await server.get("/", { origin: "https://evil.example" })).status).toBe(403);
    expect((await server.get("/nowhere", { origin: "https://evil.example" })).status).toBe(403);
    expect((await server.get("/threads", { origin: server.url })).status).toBe(200);
  });

  test("a call without a user has all rights; with one it sees that user's threads", async () => {
    await using server = await startServer();
    const alice = { "x-skein-user": "alice@example.com" };
    const bob = { "x-skein-user": "bob" };
    const { body: hers } = await server.post("/threads", { title: "Hers" }, alice);
    expect(hers.user_id).toBe("alice@example.com");
    expect((await server.get(`/threads/${hers.id}`, alice)).status).toBe(200);
    expect((await server.get(`/threads/${hers.id}`)).status).toBe(200);
    const stranger = await server.get(`/threads/${hers.id}`, bob);
    expect([stranger.status, stranger.body.error.code]).toEqual([404, "thread_not_found"]);
    const { body: his } = await server.post("/threads", { user_id: "bob", title: "His" });
    expect(his.user_id).toBe("bob");
    expect((await server.get("/threads", bob)).body).toHaveLength(1);
    expect((await server.get("/threads")).body).toHaveLength(2);
    expect((await server.get("/threads?user_id=bob")).body[0].title).toBe("His");
  });

  test("members share a thread; a viewer's write is forbidden", async () => {
    await using server = await startServer();
    const alice = { "x-skein-user": "alice" };
    const bob = { "x-skein-user": "bob" };
    const carol = { "x-skein-user": "carol" };
    const { body: thread } = await server.post("/threads", { members: { bob: "editor" } }, alice);
    const path = `/threads/${thread.id}`;
    const said = await server.post(`${path}/messages`, { message: "Hi", run: false }, bob);
    expect(said.body.message.author).toEqual({ kind: "user", id: "bob" });
    const member = await server.put(`${path}/members/carol`, { role: "viewer" }, alice);
    expect(member.body.members).toEqual({ bob: "editor", carol: "viewer" });
    expect((await server.get(`${path}/messages`, carol)).body).toHaveLength(1);
    const write = await server.post(`${path}/messages`, { message: "No", run: false }, carol);
    expect([write.status, write.body.error.code]).toEqual([403, "forbidden"]);
    const manage = await server.put(`${path}/members/dave`, { role: "viewer" }, bob);
    expect([manage.status, manage.body.error.code]).toEqual([403, "forbidden"]);
    expect((await server.delete(`${path}/members/carol`, alice)).status).toBe(204);
    expect((await server.get(path, carol)).status).toBe(404);
  });

  test("ids can be chosen, and writing to an unknown id makes the thread", async () => {
    await using server = await startServer();
    const { body: chosen } = await server.post("/threads", { id: "my-thread" });
    expect(chosen.id).toBe("my-thread");
    const again = await server.post("/threads", { id: "my-thread", title: "Other" });
    expect([again.status, again.body.error.code]).toEqual([409, "id_conflict"]);
    const foreign = await server.post("/threads", { id: "my-thread" }, { "x-skein-user": "eve" });
    expect([foreign.status, foreign.body.error.code]).toEqual([404, "thread_not_found"]);
    const made = await server.post("/threads/new-one/messages", { message: "Hi", run: false });
    expect([made.status, made.body.message.thread_id]).toEqual([201, "new-one"]);
    const eve = { "x-skein-user": "eve" };
    const refused = await server.post("/threads/new-one/messages", { message: "Hi" }, eve);
    expect([refused.status, refused.body.error.code]).toEqual([404, "thread_not_found"]);
    const key = { "idempotency-key": "auto-1" };
    const first = await server.post("/threads/auto/messages", { message: "Hi", run: false }, key);
    const second = await server.post("/threads/auto/messages", { message: "Hi", run: false }, key);
    expect(second.body.message.id).toBe(first.body.message.id);
  });
});

describe("API keys", () => {
  const KEYS = "alice-key:alice,service-key:*";

  test("a key is needed, by either header", async () => {
    await using server = await startServer({ keys: KEYS });
    const none = await server.get("/threads");
    expect([none.status, none.body.error.code]).toEqual([401, "unauthorized"]);
    expect(none.headers.get("www-authenticate")).toBe("Bearer");
    expect((await server.get("/threads", { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await server.get("/threads", { authorization: "Bearer alice-key" })).status).toBe(200);
    expect((await server.get("/threads", { "x-api-key": "service-key" })).status).toBe(200);
    const elsewhere = { origin: "https://app.example", "x-api-key": "alice-key" };
    expect((await server.get("/threads", elsewhere)).status).toBe(200);
  });

  test("health needs no key, and then tells no more than the version", async () => {
    await using server = await startServer({ keys: KEYS });
    expect((await server.get("/health")).body).toEqual({ status: "ok", version: "0.0.0" });
    const known = await server.get("/health", { "x-api-key": "alice-key" });
    expect(known.body).toMatchObject({ status: "ok", store: "memory", model: "demo" });
  });

  test("a user's key acts for that user only, a key for all acts for the user it names", async () => {
    await using server = await startServer({ keys: KEYS });
    const alice = { "x-api-key": "alice-key" };
    const service = { "x-api-key": "service-key" };
    const { body: hers } = await server.post("/threads", {}, alice);
    expect(hers.user_id).toBe("alice");
    const asBob = await server.get("/threads", { ...alice, "x-skein-user": "bob" });
    expect([asBob.status, asBob.body.error.code]).toEqual([403, "forbidden"]);
    const inBody = await server.post("/threads", { user_id: "bob" }, alice);
    expect([inBody.status, inBody.body.error.code]).toEqual([403, "forbidden"]);
    const { body: his } = await server.post("/threads", {}, { ...service, "x-skein-user": "bob" });
    expect(his.user_id).toBe("bob");
    expect((await server.get("/threads", service)).body).toHaveLength(2);
    expect((await server.get(`/threads/${his.id}`, alice)).status).toBe(404);
  });

  test("ids are the server's, and an unknown id is 404", async () => {
    await using server = await startServer({ keys: KEYS });
    const alice = { "x-api-key": "alice-key" };
    const chosen = await server.post("/threads", { id: "mine" }, alice);
    expect([chosen.status, chosen.body.error.code]).toEqual([403, "forbidden"]);
    const unknown = await server.post("/threads/mine/messages", { message: "x" }, alice);
    expect([unknown.status, unknown.body.error.code]).toEqual([404, "thread_not_found"]);
  });

  test("keys are read from a list, and a broken list is refused without quoting it", () => {
    expect(parseApiKeys(undefined)).toEqual([]);
    expect(parseApiKeys(" a:alice , b:* ")).toEqual([
      { key: "a", user: "alice" },
      { key: "b", user: null },
    ]);
    expect(() => parseApiKeys("a:alice,secret")).toThrow(/^Item 2 of SKEIN_API_KEYS/);
    expect(() => parseApiKeys("a:alice,secret")).not.toThrow(/secret/);
    expect(() => parseApiKeys(":alice")).toThrow(/Item 1/);
    expect(() => parseApiKeys("key:")).toThrow(/Item 1/);
  });

  test("without keys the server listens on this machine only, and says what to do", () => {
    const keys = [{ key: "k", user: null }];
    for (const host of ["127.0.0.1", "::1", "localhost"])
      expect(() => assertBindable(host, [])).not.toThrow();
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.org"]) {
      expect(() => assertBindable(host, [])).toThrow(/Set SKEIN_API_KEYS=key:user, or SKEIN_HOST/);
      expect(() => assertBindable(host, keys)).not.toThrow();
    }
  });
});
