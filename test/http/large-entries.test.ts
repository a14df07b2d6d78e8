import { expect, test } from "vitest";
import { connectEvents } from "./event-client.ts";
import { startServer } from "./server.ts";
import type { Answer } from "./server.ts";

const MESSAGES = 6;
const VERSIONS = Array.from({ length: MESSAGES + 1 }, (_, index) => index + 1);

test.each(["memory", "sqlite"] as const)(
  "large entries make pages shorter, and none of them is lost, on %s",
  async (store) => {
    await using server = await startServer({ store });
    const { thread } = await server.skein.create({ title: "Large" });
    for (let n = 0; n < MESSAGES; n++)
      await server.skein.append(thread.id, {
        messages: [{ content: `${n}${"x".repeat(3_000_000)}` }],
      });
    const path = `/api/v1/threads/${thread.id}`;
    const follow = async (first: string): Promise<readonly number[][]> => {
      const pages: number[][] = [];
      let next: string | undefined = first;
      while (next !== undefined) {
        const { status, headers, body } = await server.get(next);
        expect([status, body.length > 0]).toEqual([200, true]);
        pages.push(body.map((item: { version: number }) => item.version));
        next = /<([^>]+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1];
      }
      return pages;
    };
    const log = await follow(`${path}/log?limit=1000`);
    expect(log.length).toBeGreaterThan(1);
    expect(log.flat()).toEqual(VERSIONS);
    const messages = await follow(`${path}/messages?limit=200`);
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.flat().sort((a, b) => a - b)).toEqual(VERSIONS.slice(1));
    await using events = await connectEvents(`${server.url}${path}/events?after=0`);
    await events.nextOf("ready");
    for (const version of VERSIONS) expect((await events.next()).id).toBe(String(version));
  },
);

test("a last page that is full has no link to a next one", async () => {
  await using server = await startServer();
  const { thread } = await server.skein.create({
    messages: [{ content: "One" }, { content: "Two" }, { content: "Three" }],
  });
  const ask = (after: number): Promise<Answer> =>
    server.get(`/threads/${thread.id}/log?limit=2&after=${after}`);
  expect((await ask(0)).headers.get("link")).toContain("after=2");
  const last = await ask(thread.version - 2);
  expect(last.body).toHaveLength(2);
  expect(last.headers.get("link")).toBeNull();
});
