import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "./server.ts";
import type { Answer, TestServer } from "./server.ts";

describe.each(["memory", "sqlite"] as const)("finding things on %s", (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ store });
    for (let n = 0; n < 7; n++)
      await server.post("/threads", {
        title: `Plan ${n}`,
        user_id: n % 2 === 0 ? "alice" : "bob",
        agent_id: n < 2 ? "my-agent" : "assistant",
        metadata: { project: n < 3 ? "alpha" : "beta", number: n, isOpen: n === 1 },
        tags: n === 4 ? ["special"] : [],
      });
  });
  afterAll(() => server.close());

  const titles = ({ body }: Answer): string[] =>
    body.map(({ title }: { title: string }) => title).sort();

  test("the list is filtered by every parameter", async () => {
    const list = async (query: string): Promise<string[]> =>
      titles(await server.get(`/threads?${query}`));
    expect(await list("user_id=bob")).toEqual(["Plan 1", "Plan 3", "Plan 5"]);
    expect(await list("agent_id=my-agent")).toEqual(["Plan 0", "Plan 1"]);
    expect(await list("tag=special")).toEqual(["Plan 4"]);
    expect(await list("metadata[project]=alpha")).toEqual(["Plan 0", "Plan 1", "Plan 2"]);
    expect(await list("metadata%5Bproject%5D=alpha&metadata[number]=2")).toEqual(["Plan 2"]);
    expect(await list("metadata[isOpen]=true")).toEqual(["Plan 1"]);
    expect(await list("search=plan+3")).toEqual(["Plan 3"]);
    expect(await list("status=active")).toEqual([]);
    expect(await list("status=idle&limit=200")).toHaveLength(7);
    expect(await list("to_date=2020-01-01")).toEqual([]);
    expect(await list("from_date=2020-01-01T00:00:00Z&user_id=alice")).toHaveLength(4);
    expect(await list("limit=3&offset=5")).toHaveLength(2);
  });

  test("links lead through all pages; a cursor of another list is refused", async () => {
    const seen: string[] = [];
    let next: string | undefined = "/threads?limit=3";
    let cursor = "";
    while (next !== undefined) {
      const page: Answer = await server.get(next);
      seen.push(...titles(page));
      next = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
      cursor = new URL(next ?? "/", "http://x").searchParams.get("cursor") ?? cursor;
    }
    expect(seen.sort()).toEqual(Array.from({ length: 7 }, (_, n) => `Plan ${n}`));
    const other = await server.get(`/threads?user_id=bob&cursor=${cursor}`);
    expect([other.status, other.body.error.code]).toEqual([400, "invalid_cursor"]);
    const search = await server.get(`/search?q=plan&cursor=${cursor}`);
    expect([search.status, search.body.error.code]).toEqual([400, "invalid_cursor"]);
  });

  test("search finds words in messages and titles, with highlights", async () => {
    const { body: thread } = await server.post("/threads", {
      title: "Weather",
      initial_message: "A thunderstorm rolls over the valley tonight",
      run: false,
    });
    const { status, headers, body } = await server.get("/search?q=thunderstorm");
    expect(status).toBe(200);
    expect(headers.get("skein-index-lag")).toBe("0");
    expect(body).toHaveLength(1);
    const [hit] = body;
    expect(hit).toMatchObject({ thread_id: thread.id, thread_title: "Weather", role: "user" });
    const [start, end] = hit.highlights[0];
    expect(hit.snippet.slice(start, end)).toBe("thunderstorm");
    expect((await server.get("/search?q=weather")).body[0].message_id).toBeNull();
    expect((await server.get(`/search?q=valley&thread_id=${thread.id}`)).body).toHaveLength(1);
    expect((await server.get("/search?q=valley", { "x-skein-user": "eve" })).body).toEqual([]);
    const missing = await server.get("/search");
    expect([missing.status, missing.body.error.field]).toEqual([400, "q"]);
  });

  test("agents are listed, the default one first", async () => {
    const { body } = await server.get("/agents");
    expect(body.map(({ name }: { name: string }) => name)).toEqual(["assistant", "my-agent"]);
    expect(body[0].tools[0]).toHaveProperty("description");
  });

  test("a blob is stored under its hash and read by who uploaded it", async () => {
    const bytes = new Uint8Array([137, 80, 78, 71, 0, 255]);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const alice = { "x-skein-user": "alice" };
    const put = await server.send(`/blobs/${sha256}`, {
      method: "PUT",
      headers: { "content-type": "image/png", ...alice },
      body: bytes,
    });
    expect([put.status, put.body]).toEqual([
      201,
      { sha256, size_bytes: 6, media_type: "image/png" },
    ]);
    const got = await fetch(`${server.url}/api/v1/blobs/${sha256}`, { headers: alice });
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
    expect(got.headers.get("content-type")).toBe("image/png");
    expect(got.headers.get("content-disposition")).toBeNull();
    expect((await server.get(`/blobs/${sha256}`, { "x-skein-user": "eve" })).status).toBe(404);
    const known = { ...alice, "if-none-match": `"${sha256}"` };
    expect((await server.get(`/blobs/${sha256}`, known)).status).toBe(304);
    const post = (source: object, headers: Record<string, string>): Promise<Answer> =>
      server.post(
        "/threads/with-file/messages",
        { message: [{ type: "file", media_type: "image/png", source }], run: false },
        headers,
      );
    for (const claimed of [{}, { size_bytes: 6 }, { size_bytes: 999 }]) {
      const posted = await post({ kind: "blob", sha256, ...claimed }, alice);
      expect(posted.status).toBe(201);
      expect(posted.body.message.parts[0].source).toEqual({ kind: "blob", sha256, size_bytes: 6 });
    }
    const refused = await post({ kind: "blob", sha256 }, { "x-skein-user": "eve" });
    expect([refused.status, refused.body.error.code]).toEqual([404, "blob_not_found"]);
  });

  test("a page that was uploaded is not shown in place", async () => {
    const html = "<script>alert(1)</script>";
    const sha256 = createHash("sha256").update(html).digest("hex");
    await server.send(`/blobs/${sha256}`, {
      method: "PUT",
      headers: { "content-type": "text/html" },
      body: html,
    });
    const { headers } = await server.get(`/blobs/${sha256}`);
    expect(headers.get("content-disposition")).toBe("attachment");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("sandbox");
  });
});
