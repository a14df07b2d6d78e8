import { expect, test } from "vitest";
import { connectEvents } from "./event-client.ts";
import { startServer } from "./server.ts";

const ENTRIES = 10_000;

/** A small random sequence, so that a failure can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Behaves like an EventSource that loses its connection at random: connects again with the last id it saw. */
async function followUntil(url: string, last: number, random: () => number): Promise<number[]> {
  const seen: number[] = [];
  let lastId: string | undefined = "0";
  while (seen.at(-1) !== last) {
    const events = await connectEvents(url, { headers: { "last-event-id": lastId } });
    const loseAfter = Math.ceil(random() * 700);
    for (let count = 0; count < loseAfter && seen.at(-1) !== last; count++) {
      const { event, id } = await events.next();
      if (id !== undefined) lastId = id;
      if (event === "entry") seen.push(Number(id));
    }
    events.close();
  }
  return seen;
}

test.each(["memory", "sqlite"] as const)(
  "two clients that lose their connection at random see 10,000 entries once and in order on %s",
  async (store) => {
    await using server = await startServer({ store });
    const { body: thread } = await server.post("/threads", { title: "Long" });
    const write = async (): Promise<void> => {
      while ((await server.skein.get(thread.id)).version < ENTRIES) {
        const { version } = await server.skein.get(thread.id);
        const length = Math.min(20, ENTRIES - version);
        const messages = Array.from({ length }, (_, n) => ({ content: `message ${version + n}` }));
        await server.skein.append(thread.id, { messages });
      }
    };
    const url = `${server.url}/api/v1/threads/${thread.id}/events`;
    const [first, second] = await Promise.all([
      followUntil(url, ENTRIES, randomFrom(1)),
      followUntil(url, ENTRIES, randomFrom(2)),
      write(),
    ]);
    const all = Array.from({ length: ENTRIES }, (_, n) => n + 1);
    expect(first).toEqual(all);
    expect(second).toEqual(all);
    expect(server.faults).toEqual([]);
  },
  60_000,
);
