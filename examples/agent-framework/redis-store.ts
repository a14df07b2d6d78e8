import { agent, createSkein } from "skein";
import type { Skein } from "skein";
import { redisStore } from "skein/redis";

type Print = (line: string) => void;

/** A thread that remembers. */
async function basicUse(url: string, print: Print): Promise<void> {
  await using skein = open(url);
  await skein.respond({ threadId: "basic", input: "My name is Alice and I love hiking." });
  const { text } = await skein.respond({ threadId: "basic", input: "What's my name?" });
  print(`basic use: ${text}`);
  print(`basic use: ${(await skein.get("basic")).messageCount} messages`);
}

/** Two users, each with a session that ends by itself when nothing was said for a day. */
async function userSessions(url: string, print: Print): Promise<void> {
  await using skein = createSkein({ store: redisStore(url, { ttl: "24h" }) });
  const say = (userId: string, input: string): ReturnType<Skein["respond"]> =>
    skein.respond({ userId, threadId: `session-${userId}`, input });
  await say("alice", "My favorite color is blue.");
  await say("bob", "My favorite color is red.");
  for (const userId of ["alice", "bob"]) {
    const { text } = await say(userId, "What's my favorite color?");
    const { items } = await skein.list({}, { userId });
    print(`user sessions: ${items.map(({ id }) => id).join(", ")}: ${text}`);
  }
}

/** The process ends, and another one goes on. */
async function persistence(url: string, print: Print): Promise<void> {
  {
    await using first = open(url);
    await first.respond({ threadId: "lasting", input: "Remember that my name is Carol." });
  }
  await using second = open(url);
  const { text } = await second.respond({ threadId: "lasting", input: "What's my name?" });
  print(`persistence: ${text}`);
  // What the server's settings could lose.
  for (const warning of (await second.open()).warnings ?? []) print(`persistence: ${warning}`);
}

/** What is handed on is a reference; where the store is, and its password, stay out of it. */
async function serialization(url: string, print: Print): Promise<void> {
  await using here = open(url);
  await here.respond({ threadId: "handed-on", userId: "dave", input: "My name is Dave." });
  const { id, version } = await here.get("handed-on", { userId: "dave" });
  const state = JSON.stringify({ threadId: id, userId: "dave", version });
  print(`serialization: ${state}`);
  print(`serialization: the store is ${JSON.stringify(here.store)}`);

  await using there = open(url);
  const { threadId, userId }: { threadId: string; userId: string } = JSON.parse(state);
  const { text } = await there.respond({ threadId, userId, input: "What's my name?" });
  print(`serialization: ${text}`);
}

/** By default the model sees the newest messages and the thread keeps all; when asked, the old ones go for good. */
async function trimming(url: string, print: Print): Promise<void> {
  await using skein = createSkein({
    store: redisStore(url),
    agents: [agent({ name: "short-memory", context: { lastMessages: 3 } })],
  });
  const threadId = "trimmed";
  await skein.create({
    id: threadId,
    agentId: "short-memory",
    messages: [{ role: "system", content: "Answer in one sentence." }],
  });
  for (const input of ["My name is Erin.", "I live in Oslo.", "I like tea.", "Hello!"])
    await skein.respond({ threadId, input });
  print(`trimming: the thread keeps ${(await skein.get(threadId)).messageCount} messages`);
  await skein.trim(threadId, { keepLast: 3 });
  const { messages } = await skein.messages(threadId);
  print(`trimming: now it has ${messages.map(({ role }) => role).join(", ")}`);
}

function open(url: string): Skein {
  return createSkein({ store: redisStore(url) });
}

export async function main(
  print: Print = console.log,
  url: string = process.env["SKEIN_STORE"] ?? "redis://127.0.0.1:6379/0",
): Promise<void> {
  for (const part of [basicUse, userSessions, persistence, serialization, trimming])
    await part(url, print);
}

if (import.meta.main) await main();
