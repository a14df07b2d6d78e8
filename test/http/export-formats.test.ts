import { afterEach, expect, test } from "vitest";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

let server: TestServer | undefined;

afterEach(() => server?.close());

async function talk(): Promise<{ readonly server: TestServer; readonly path: string }> {
  server = await startServer({ worker: false });
  const messages = [{ content: "<script>1</script>" }, { role: "assistant", content: "Hi" }];
  const { body } = await server.post("/threads", { title: "Talk", messages, run: false });
  return { server, path: `/threads/${body.id}/export` };
}

async function read(at: TestServer, path: string): Promise<readonly [Headers, string]> {
  const response = await fetch(`${at.url}/api/v1${path}`);
  expect(response.status).toBe(200);
  return [response.headers, await response.text()];
}

test("a thread is exported as Markdown and as HTML that nothing runs in", async () => {
  const { server: at, path } = await talk();
  const [headers, markdown] = await read(at, `${path}?format=markdown`);
  expect(headers.get("content-type")).toBe("text/markdown; charset=utf-8");
  expect(markdown).toContain("# Talk");
  expect(markdown).not.toContain("<script");
  const [beside, html] = await read(at, `${path}?format=html&branch=all`);
  expect(beside.get("content-disposition")).toMatch(/^attachment; filename="[\w-]+\.html"$/);
  expect(beside.get("content-security-policy")).toContain("sandbox");
  expect(html).toContain("&lt;script&gt;1&lt;/script&gt;");
  expect(html.endsWith("</html>\n")).toBe(true);
});

test("a thread is exported as lines whose end proves that they are whole", async () => {
  const { server: at, path } = await talk();
  const [headers, text] = await read(at, `${path}?format=jsonl`);
  expect(headers.get("content-type")).toContain("ndjson");
  const lines = text.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).type)).toEqual([
    "skein.threads",
    "skein.export",
    "skein.end",
  ]);
});

test("what is not there or has no effect is refused before anything is written", async () => {
  const { server: at, path } = await talk();
  for (const format of ["markdown", "html", "jsonl"]) {
    const { status, body } = await at.get(`/threads/th_gone/export?format=${format}`);
    expect([status, body.error.code]).toEqual([404, "thread_not_found"]);
  }
  const branch = await at.get(`${path}?format=html&branch=gone`);
  expect([branch.status, branch.body.error.code]).toEqual([404, "branch_not_found"]);
  for (const query of ["format=jsonl&branch=main", "branch=main", "format=html&mode=full"]) {
    const { status, body } = await at.get(`${path}?${query}`);
    expect([status, body.error.code]).toEqual([400, "invalid_request"]);
  }
});
