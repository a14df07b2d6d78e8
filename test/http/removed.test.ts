import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { createApp } from "../../src/http/app.ts";
import { createAuth } from "../../src/http/auth.ts";
import type { ModelChoice } from "../../src/agents/models/resolve.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";

interface Reading {
  /** Reads until the text has come; without one until the stream has ended. Answers with all that has come so far. */
  until(text?: string): Promise<string>;
}

interface Setting extends AsyncDisposable {
  readonly skein: Skein;
  /** A reader that takes bytes only while it is asked to: what it has not taken holds the server back. */
  read(user: string, after: number): Promise<Reading>;
  /** The same with any request that is answered by a stream. */
  stream(user: string, path: string, init?: RequestInit): Promise<Reading>;
}

async function sharedThread(model: ModelChoice = "demo"): Promise<Setting> {
  const skein = createSkein({ store: memoryStore(), model, env: {} });
  const app = createApp({ skein, auth: createAuth([]), info: { version: "0.0.0" } });
  await skein.create({ id: "t", members: { bob: "viewer" } }, { userId: "alice" });
  const stream = async (user: string, path: string, init: RequestInit = {}): Promise<Reading> => {
    const headers = new Headers(init.headers);
    headers.set("host", "localhost");
    headers.set("x-skein-user", user);
    const url = `http://localhost/api/v1/threads/t/${path}`;
    const response = await app.request(url, { ...init, headers });
    const reader = response.body?.getReader();
    let seen = "";
    return {
      until: async (text) => {
        while (text === undefined || !seen.includes(text)) {
          const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
          if (done) break;
          seen += Buffer.from(value ?? []).toString();
        }
        return seen;
      },
    };
  };
  return {
    skein,
    stream,
    read: (user, after) => stream(user, `events?after=${after}`),
    [Symbol.asyncDispose]: async () => {
      await skein.drain(0);
      await skein.close();
    },
  };
}

const say = (skein: Skein, content: string): Promise<unknown> =>
  skein.append("t", { messages: [{ content }] }, { userId: "alice" });

test("who is removed while catching up gets nothing of what is said afterwards", async () => {
  await using setting = await sharedThread();
  const { skein } = setting;
  const alice = await setting.read("alice", 0);
  await alice.until("thread.create");
  for (let n = 0; n < 10; n++) await say(skein, `${n}${"x".repeat(30_000)}`);
  await alice.until("\nid: 11\n");
  const bob = await setting.read("bob", 1);
  await bob.until("event: ready");
  // What bob has not taken fills his stream, so that he is still catching up.
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  await skein.removeMember("t", "bob", { userId: "alice" });
  await say(skein, "Between us");
  await alice.until("Between us");
  const seen = await bob.until();
  expect([seen.includes("no longer a member"), seen.includes("Between us")]).toEqual([true, false]);
});

test("what is said in the same moment after a removal is not for who was removed", async () => {
  await using setting = await sharedThread();
  const { skein } = setting;
  const [alice, bob] = [await setting.read("alice", 0), await setting.read("bob", 0)];
  await Promise.all([alice.until("thread.create"), bob.until("thread.create")]);
  await say(skein, "For both");
  await bob.until("For both");
  await Promise.all([
    skein.removeMember("t", "bob", { userId: "alice" }),
    say(skein, "Between us"),
  ]);
  await alice.until("Between us");
  const seen = await bob.until();
  expect([seen.includes("member.remove"), seen.includes("Between us")]).toEqual([true, false]);
});

test("who was removed before connecting again gets nothing, though others are served from memory", async () => {
  await using setting = await sharedThread();
  const { skein } = setting;
  const alice = await setting.read("alice", 0);
  await alice.until("thread.create");
  const bob = setting.read("bob", 1);
  await skein.removeMember("t", "bob", { userId: "alice" });
  await say(skein, "Between us");
  await alice.until("Between us");
  expect(await (await bob).until()).not.toContain("Between us");
});

const FOLLOWERS = {
  "the stream of a run": (setting: Setting, runId: string) =>
    setting.stream("bob", `runs/${runId}/stream?live=sse&offset=-1`),
  "the library": async ({ skein }: Setting, runId: string) => {
    const events = skein.as({ user: "bob" }).runStream("t", runId)[Symbol.asyncIterator]();
    let seen = "";
    return {
      until: async (text?: string) => {
        while (text === undefined || !seen.includes(text)) {
          const next = await events.next().catch((error: unknown) => error);
          seen += isSkeinError(next) ? next.code : JSON.stringify(next);
          if (isSkeinError(next)) break;
        }
        return seen;
      },
    };
  },
} as const;

test.for(Object.entries(FOLLOWERS))(
  "who is removed while an agent answers gets no more of it by %s",
  async ([, follow]) => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel([["Hello", { wait: gate.promise }, " between us"]]);
    await using setting = await sharedThread(model);
    const { skein } = setting;
    const input = { messages: [{ content: "Go" }], run: {} };
    const { run } = await skein.append("t", input, { userId: "alice" });
    const bob = await follow(setting, run?.id ?? "");
    await bob.until("Hello");
    await Promise.all([
      skein.removeMember("t", "bob", { userId: "alice" }).then(() => gate.resolve()),
      skein.waitForRun("t", run?.id ?? ""),
    ]);
    const seen = await bob.until();
    expect(seen).not.toContain("between us");
    expect(seen).toMatch(/no longer a member|thread_not_found/);
  },
);

test("who asked and is removed while the agent answers gets no more of it", async () => {
  const gate = Promise.withResolvers<void>();
  const model = scriptedModel([["Hello", { wait: gate.promise }, " between us"]]);
  await using setting = await sharedThread(model);
  const { skein } = setting;
  await skein.setMember("t", "bob", "editor", { userId: "alice" });
  const bob = await setting.stream("bob", "messages", {
    method: "POST",
    headers: { accept: "text/event-stream", "content-type": "application/json" },
    body: JSON.stringify({ message: "Go" }),
  });
  await bob.until("Hello");
  await skein.removeMember("t", "bob", { userId: "alice" });
  gate.resolve();
  const seen = await bob.until();
  expect(seen).not.toContain("between us");
  expect(seen).toContain("no longer a member");
});
