import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createSkein } from "../../src/index.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { scriptedModel } from "../../src/testing/index.ts";
import { layCable } from "../support/cable.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { ownServer } from "../support/servers/servers.ts";
import { noting, steadyAgent } from "./agents.ts";
import { startCluster } from "./cluster.ts";
import { ask, startFaultModel } from "./fault-model.ts";
import { scanInvariants } from "./invariants/scan-invariants.ts";
import { readLedger } from "./ledger.ts";
import { describePlaces, enter, scanQuiet } from "./several.ts";
import { talkTo } from "./talk.ts";

await describeServer(
  "postgres",
  "runs on a PostgreSQL server that is killed again and again",
  () => {
    test(
      "get to their ends, each once, also when the server dies while they are taken over",
      { timeout: 180_000 },
      async () => {
        await using database = await ownServer("postgres");
        const model = await startFaultModel();
        const store = await database.createDatabase();
        await using cluster = await startCluster({
          store,
          modelUrl: model.url,
          nodes: ["web", "worker", "worker"],
        });
        const talk = talkTo(cluster);
        for (let round = 0; round < 3; round++) {
          const tags = [1, 2, 3].map((n) => `round-${round}-${n}`);
          const saying = tags.map(async (tag, index) => {
            const id = await talk.begin();
            await talk.say(
              id,
              tag,
              index === 0 ? ask.talk(tag, 40, 20) : ask.call(tag, "unsafe", "safe", "approved"),
            );
          });
          await sleep(300 + round * 200);
          if (round === 1) await cluster.kill(1);
          await database.kill();
          await sleep(1_000);
          await database.start();
          await Promise.all(saying);
          if (round === 1) await cluster.start(1);
        }
        await talk.untilIdle();
        const opened = postgresStore(store);
        const { accepted, threadIds } = talk;
        const { ledger } = cluster;
        const problems = await scanInvariants({
          store: opened,
          ledger,
          accepted,
          threadIds,
          isQuiet: true,
        });
        expect(problems, cluster.notes()).toEqual([]);
        await opened.close();
        await model.close();
      },
    );
  },
  { own: true },
);

await describePlaces("a worker", (fresh) => {
  test(
    "that loses the answers to its commits journals everything once",
    { timeout: 60_000 },
    async ({ skip }) => {
      const place = await fresh();
      if (place.url === undefined) return skip("a file has no wire on which an answer is lost");
      await using cable = await layCable(place.url);
      const tools = [
        noting("unsafe", place.ledger),
        noting("safe", place.ledger, { effect: "idempotent" }),
      ];
      const skein = enter(place, {
        store: postgresStore(cable.url),
        agents: [steadyAgent({ tools })],
      });
      await skein.create({ id: "t" });
      cable.loseAnswersTo(/COMMIT|\bmoved AS /u, (number) => number % 3 === 0);
      const ids: string[] = [];
      for (const [n, content] of ["call unsafe", "hello", "call safe safe"].entries()) {
        const say = (): ReturnType<typeof skein.append> =>
          skein.append("t", { messages: [{ content }], run: {} }, { opId: `say-${n}` });
        const { run } = await say().catch(say).catch(say);
        ids.push(run?.id ?? "");
      }
      const runs = [];
      for (const id of ids) runs.push(await skein.waitForRun("t", id, { timeoutMs: 50_000 }));
      cable.loseAnswersTo(/(?!)/u, () => false);
      expect(runs.map(({ status, error }) => error?.message ?? status)).toEqual([
        "completed",
        "completed",
        "completed",
      ]);
      expect(cable.lost()).toBeGreaterThan(3);
      expect(readLedger(place.ledger).map(({ tool }) => tool)).toEqual(["unsafe", "safe", "safe"]);
      expect(await scanQuiet(place)).toEqual([]);
    },
  );

  test("is followed without a bus, from every offset, and every reader has the stored text", async () => {
    const place = await fresh();
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const model = scriptedModel([
      gates.flatMap(({ promise }, n) => [`part ${n} of it, `, { wait: promise }]),
    ]);
    const worker = enter(place, { bus: null, agents: [steadyAgent({ model })] });
    const reader = createSkein({ store: place.open(), worker: false, bus: null });
    const { run } = await worker.create({ id: "t", messages: [{ content: "go" }], run: {} });
    const positions: (readonly [position: string | undefined, text: string])[] = [[undefined, ""]];
    let seen = "";
    let opened = 0;
    for await (const event of reader.runStream("t", run?.id ?? "")) {
      if (event.type === "delta") {
        seen += event.text;
        positions.push([event.position, seen]);
        gates[opened++]?.resolve();
      }
    }
    const stored = "part 0 of it, part 1 of it, part 2 of it, part 3 of it, ";
    expect(seen).toBe(stored);
    expect(positions.length).toBeGreaterThan(4);
    for (const [position, before] of positions) {
      let text = before;
      const options = position === undefined ? {} : { position };
      for await (const event of reader.runStream("t", run?.id ?? "", options))
        if (event.type === "delta") text += event.text;
      expect(text).toBe(stored);
    }
    await reader.close();
  });
});
