import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { agent, createSkein } from "../../src/index.ts";
import type { Agent, Skein } from "../../src/index.ts";
import { textOf } from "../../src/model/part.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { scriptedModel } from "../../src/testing/index.ts";
import { startForwarder } from "../support/forwarder.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { postgresUrl } from "../support/servers/servers.ts";
import { noting, steadyAgent } from "./agents.ts";
import { readLedger } from "./ledger.ts";
import { asked, describePlaces, enter, scanQuiet, untilAsked } from "./several.ts";
import type { Place } from "./several.ts";

const DAYS_30_MS = 30 * 86_400_000;
const RUNS = 1_000;
// Two sweeps and the repair at the start.
const SWEEPS_MS = 7_000;

function oldAgent(place: Place): Agent {
  return steadyAgent({ tools: [noting("pay", place.ledger, { approval: "always" })] });
}

/** As it is deployed a month later: another model, another tool behind the same name, other instructions. */
function newAgent(place: Place): Agent {
  const model = scriptedModel(["Paid by the new code."]);
  const pay = noting("pay", place.ledger, {
    execute: (_input, { idempotencyKey }) => `paid anew under ${idempotencyKey.split(":").at(-1)}`,
  });
  return agent({ name: "assistant", instructions: "Be newer.", model, tools: [pay] });
}

await describePlaces("a run that waits for a person for 30 days", (fresh) => {
  test("goes on after a restart, with newer code", async () => {
    const place = await fresh();
    let now = Date.now();
    const clock = (): number => now;
    const first = enter(place, { agents: [oldAgent(place)], clock });
    const id = await asked(first, "call pay");
    await untilAsked(first, id);
    await first.close();
    now += DAYS_30_MS;
    const second = enter(place, { agents: [newAgent(place)], clock });
    expect((await second.inbox()).items).toMatchObject([{ runId: id, action: { id: "c1" } }]);
    expect(await second.run("t", id)).toMatchObject({ status: "requires_action" });
    await second.decide("t", id, [{ actionId: "c1", decision: "approve" }]);
    expect(await second.waitForRun("t", id)).toMatchObject({ status: "completed", segment: 1 });
    const { messages } = await second.messages("t");
    expect(textOf(messages.at(-1)?.parts ?? [])).toBe("Paid by the new code.");
    expect(JSON.stringify(messages.at(-2)?.parts)).toContain("paid anew under c1");
    // The tool of the old code was never run.
    expect(readLedger(place.ledger)).toEqual([]);
    const age = (messages.at(-1)?.createdAt ?? 0) - (messages[0]?.createdAt ?? 0);
    expect(age).toBeGreaterThanOrEqual(DAYS_30_MS);
    expect(await scanQuiet(place)).toEqual([]);
  });
});

await describeServer("postgres", "a thousand runs that wait for people", () => {
  test(
    "cost a process no memory, no connection and no question to the database",
    { timeout: 120_000 },
    async () => {
      const url = await postgresUrl();
      // The first one makes the tables.
      await costOfIdling(url);
      const before = await costOfIdling(url);
      await fill(url);
      // What was written is still to be indexed.
      await costOfIdling(url);
      const after = await costOfIdling(url);
      expect(after.handles).toEqual(before.handles);
      expect(after.connections).toBeLessThanOrEqual(before.connections);
      // One of them has more than 1 KiB: not even their names were asked for.
      expect(after.receivedBytes - before.receivedBytes).toBeLessThan(RUNS * 16);
      expect(after.heapBytes - before.heapBytes).toBeLessThan(RUNS * 256);
    },
  );
});

async function fill(url: string): Promise<void> {
  const skein = createSkein({ store: postgresStore(url), worker: false });
  for (let done = 0; done < RUNS; done += 50)
    await Promise.all(Array.from({ length: 50 }, (_, n) => leaveWaiting(skein, `t${done + n}`)));
  expect((await skein.inbox({ limit: 200 })).items).toHaveLength(200);
  await skein.close();
}

/** A run that asks for an approval and waits. */
async function leaveWaiting(skein: Skein, threadId: string): Promise<void> {
  const id = await asked(skein, "call pay", { threadId });
  const { fence } = await skein.worker.claim("default", threadId, id);
  const author = { kind: "agent", id: "assistant" } as const;
  const call = { type: "tool-call", callId: "c1", name: "pay", inputText: "{}" } as const;
  const action = { id: "c1", callId: "c1", kind: "approval", name: "pay" } as const;
  const messageId = `m-${threadId}`;
  await skein.worker.progress("default", threadId, {
    runId: id,
    fence,
    actions: [
      { kind: "message.open", id: messageId, role: "assistant", author },
      { kind: "message.commit", id: messageId, status: "completed", parts: [call] },
      { kind: "action.request", action },
      { kind: "run.event", event: "require_action" },
    ],
  });
}

interface Cost {
  readonly connections: number;
  readonly receivedBytes: number;
  readonly heapBytes: number;
  readonly handles: readonly string[];
}

/** What a worker that has nothing to do takes from its start on, through several sweeps. */
async function costOfIdling(url: string): Promise<Cost> {
  let connections = 0;
  let receivedBytes = 0;
  await using forwarder = await startForwarder(url, () => {
    connections += 1;
    return {
      onAnswer(data) {
        receivedBytes += data.length;
        return data;
      },
    };
  });
  const script = join(import.meta.dirname, "idle-process.ts");
  const { stdout } = await run(process.execPath, [script, forwarder.url, String(SWEEPS_MS)]);
  const { heapBytes, handles }: Pick<Cost, "heapBytes" | "handles"> = JSON.parse(stdout);
  return { connections, receivedBytes, heapBytes, handles };
}

const run = promisify(execFile);
