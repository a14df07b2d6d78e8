import { expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { postgresUrl } from "../support/servers/servers.ts";
import { missingPooler, startPooler } from "./pooler.ts";

const missing = await missingPooler();
if (missing !== undefined && process.env["CI"] !== undefined) throw new Error(missing);

function open(url: string, direct: string): Skein {
  const address = new URL(url);
  address.searchParams.set("direct_url", direct);
  return createSkein({
    store: postgresStore(address.href),
    agents: [{ name: "assistant", model: scriptedModel(Array(10).fill("Yes.")) }],
    env: {},
  });
}

await describeServer("postgres", "PostgreSQL behind PgBouncer in transaction mode", () => {
  test("two servers write, run, follow and find as without it", async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const direct = await postgresUrl();
    await using pooler = await startPooler(direct);
    await using first = open(pooler.url, direct);
    await using second = open(pooler.url, direct);
    await first.create({ id: "shared" });
    const seen: number[] = [];
    const stop = new AbortController();
    const following = (async () => {
      for await (const { version } of second.observe("shared", { after: 0, signal: stop.signal })) {
        seen.push(version);
        if (version === 65) stop.abort();
      }
    })();
    const all = Array.from({ length: 64 }, (_, n) => n);
    // More at once than there are connections, from both, to one thread and to many.
    await Promise.all(
      all.map(async (n) => {
        const skein = n % 2 === 0 ? first : second;
        await skein.append("shared", { messages: [{ content: `word${n}` }] });
        await skein.create({ id: `t${n}`, messages: [{ content: `other${n}` }] });
      }),
    );
    const deadline = AbortSignal.timeout(20_000);
    deadline.addEventListener("abort", () => stop.abort());
    await following;
    expect(seen).toEqual(Array.from({ length: 65 }, (_, n) => n + 1));
    const answers = await Promise.all(
      [first, second].map((skein) => skein.respond({ threadId: "shared", input: "Well?" })),
    );
    expect(answers.map(({ text }) => text)).toEqual(["Yes.", "Yes."]);
    const found = await second.search({ text: "other7" });
    expect(found.items.map(({ threadId }) => threadId)).toEqual(["t7", "t7"]);
    expect((await first.list({ limit: 200 })).items).toHaveLength(65);
    expect((await second.check()).problems).toEqual([]);
  });
});
