import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { decodeMessage, encodeEvents } from "../../src/bus/bus-message.ts";
import { Outbox } from "../../src/bus/outbox.ts";
import type { BusEvent } from "../../src/store/live-bus.ts";
import { chunks, commit } from "./bus-cases.ts";

interface Sent {
  readonly events: readonly BusEvent[];
  readonly isBehindGap: boolean;
}

function outboxOf(hasText: boolean): {
  readonly outbox: Outbox;
  readonly sent: Sent[];
  readonly connection: { isReady: boolean; isFailing: boolean };
} {
  const sent: Sent[] = [];
  const connection = { isReady: true, isFailing: false };
  const outbox = new Outbox({
    hasText,
    isReady: () => connection.isReady,
    send: async (events, isBehindGap) => {
      if (connection.isFailing) throw new Error("The connection broke.");
      sent.push({ events, isBehindGap });
    },
  });
  return { outbox, sent, connection };
}

test("commits of one turn are told once, by their newest version", async () => {
  const { outbox, sent } = outboxOf(true);
  outbox.add(commit("a", 2, { hasRun: true }));
  outbox.add(commit("b", 1));
  outbox.add(commit("a", 3));
  // An older one that comes later takes nothing back.
  outbox.add(commit("b", 0));
  await outbox.settled();
  expect(sent).toEqual([
    { events: [commit("a", 3, { hasRun: true }), commit("b", 1)], isBehindGap: false },
  ]);
});

test("text of one message is told together, and by id once it is more than a mebibyte", async () => {
  const { outbox, sent, connection } = outboxOf(true);
  connection.isReady = false;
  outbox.add(chunks("a", 0, "one "));
  outbox.add(chunks("a", 4, "two"));
  connection.isReady = true;
  outbox.flush();
  await outbox.settled();
  const [first] = sent[0]?.events ?? [];
  expect(first?.kind === "chunks" && first.chunks?.map(({ text }) => text)).toEqual([
    "one ",
    "two",
  ]);
  connection.isReady = false;
  for (let index = 0; index < 40; index++)
    outbox.add(chunks("b", index * 32_768, "x".repeat(32_768)));
  connection.isReady = true;
  outbox.flush();
  await outbox.settled();
  const last = sent.at(-1)?.events ?? [];
  expect(last).toHaveLength(1);
  expect(last[0]).not.toHaveProperty("chunks");
});

test("what could not be told is told when the connection is back, text by id", async () => {
  const { outbox, sent, connection } = outboxOf(true);
  connection.isFailing = true;
  outbox.add(commit("a", 1));
  outbox.add(chunks("a", 0, "late"));
  await outbox.settled();
  await nextTurn();
  connection.isFailing = false;
  outbox.flush();
  await outbox.settled();
  const { chunks: _, ...told } = { chunks: undefined, ...chunks("a", 0, "late") };
  expect(sent).toEqual([{ events: [commit("a", 1), told], isBehindGap: false }]);
});

test("more threads than are kept become a gap", async () => {
  const { outbox, sent, connection } = outboxOf(false);
  connection.isReady = false;
  for (let index = 0; index < 10_050; index++) outbox.add(commit(`th_${index}`, 1));
  connection.isReady = true;
  outbox.flush();
  await outbox.settled();
  expect(sent[0]?.isBehindGap).toBe(true);
  expect(sent[0]?.events.length).toBeLessThan(100);
});

test("a message is at most as long as the server takes, and nothing is left out", () => {
  const events = Array.from({ length: 500 }, (_, index) => commit(`Ä${index}`, index + 1));
  const texts = encodeEvents([...events, commit("x", 1, { storeId: "other" })], 1_000);
  expect(texts.length).toBeGreaterThan(10);
  for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000);
  const back = texts.flatMap((text) => {
    const message = decodeMessage(text);
    return message?.type === "events" ? message.events : [];
  });
  expect(back).toEqual([...events, commit("x", 1, { storeId: "other" })]);
});

const message = (...events: readonly unknown[]): string =>
  JSON.stringify({ store: "a", sender: "b", events });

test.each([
  "",
  "{",
  "null",
  "7",
  '{"events":[]}',
  '{"store":"a","sender":"b","events":7}',
  message(null),
  message(["c", "tenant", "thread", "1", 0]),
  message(["c", "tenant", 7, 1, 0]),
  message(["t", "tenant", "thread", "run", "message", [null]]),
  message(["c", "tenant", "thread", 1, 0], ["of a later version"]),
])("what nobody can read is not taken for news: %s", (text) => {
  expect(decodeMessage(text)).toBeUndefined();
});
