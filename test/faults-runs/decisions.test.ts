import { expect, test } from "vitest";
import type { Skein, Store } from "../../src/index.ts";
import { noting, steadyAgent } from "./agents.ts";
import { readLedger } from "./ledger.ts";
import { asked, describePlaces, enter, scanQuiet, untilAsked } from "./several.ts";
import type { Place } from "./several.ts";

const approve = [{ actionId: "c1", decision: "approve" }] as const;
const deny = [{ actionId: "c1", decision: "deny" }] as const;

function enterWithPay(place: Place, worker = true): Skein {
  const tools = [
    noting("approved", place.ledger, { approval: "always" }),
    noting("safe", place.ledger, { effect: "idempotent" }),
  ];
  return enter(place, { agents: [steadyAgent({ tools })], worker });
}

async function opsOf(skein: Skein): Promise<readonly string[]> {
  return (await skein.log("t", { limit: 1_000 })).map(({ op }) => op);
}

await describePlaces("a decision", (fresh) => {
  test("that comes twice, from two processes at once and again afterwards, counts once", async () => {
    const place = await fresh();
    const first = enterWithPay(place);
    const id = await asked(first, "call approved");
    await untilAsked(first, id);
    await first.drain();
    // Nobody goes on with the run while it is decided.
    const skeins = [enterWithPay(place, false), enterWithPay(place, false)] as const;
    await Promise.all(skeins.map((skein) => skein.decide("t", id, approve)));
    for (const skein of skeins) await skein.decide("t", id, approve);
    await expect(skeins[0].decide("t", id, deny)).rejects.toMatchObject({ code: "action_decided" });
    await skeins[0].startWorker();
    expect(await skeins[1].waitForRun("t", id)).toMatchObject({ status: "completed" });
    await skeins[1].decide("t", id, approve);
    expect((await opsOf(skeins[0])).filter((op) => op === "approval.decide")).toHaveLength(1);
    expect(readLedger(place.ledger)).toHaveLength(1);
    await expect(skeins[0].decide("t", id, deny)).rejects.toMatchObject({ code: "run_ended" });
    expect(await scanQuiet(place)).toEqual([]);
  });

  test("that races with a stop is one or the other", async () => {
    const place = await fresh();
    const skeins = [enterWithPay(place), enterWithPay(place)] as const;
    const id = await asked(skeins[0], "call approved");
    await untilAsked(skeins[0], id);
    const [decided] = await Promise.allSettled([
      skeins[0].decide("t", id, approve),
      skeins[1].cancel("t", id),
    ]);
    const { status } = await skeins[0].waitForRun("t", id);
    const isDecided = decided.status === "fulfilled";
    // A stop that comes after the end changes nothing.
    expect(isDecided ? ["completed", "cancelled"] : ["cancelled"]).toContain(status);
    const decisions = (await opsOf(skeins[0])).filter((op) => op === "approval.decide");
    expect(decisions).toHaveLength(isDecided ? 1 : 0);
    expect(readLedger(place.ledger).length).toBeLessThanOrEqual(decisions.length);
    expect(await scanQuiet(place)).toEqual([]);
  });

  test("that is repeated while the run ends is told how it ended", async () => {
    const place = await fresh();
    const skein = enterWithPay(place);
    const id = await asked(skein, "call approved");
    await untilAsked(skein, id);
    const store = place.open();
    const held = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    // Between what it reads and what it writes, this process is slow.
    const slow: Store = new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        if (name !== "commit") return value.bind(target);
        return async (...given: readonly unknown[]) => {
          reached.resolve();
          await held.promise;
          return Reflect.apply(value, target, given);
        };
      },
    });
    const other = enter(place, { store: slow, worker: false, agents: [steadyAgent()] });
    const repeated = other.decide("t", id, approve);
    await reached.promise;
    await skein.decide("t", id, approve);
    await skein.waitForRun("t", id);
    held.resolve();
    expect(await repeated).toMatchObject({ id, status: "completed" });
    expect((await opsOf(skein)).filter((op) => op === "approval.decide")).toHaveLength(1);
  });

  test("that comes before the run waits for it is not lost", async () => {
    const place = await fresh();
    const store = place.open();
    const skein = enter(place, { store, worker: false, agents: [steadyAgent()] });
    const id = await asked(skein, "call approved");
    const { fence } = await skein.worker.claim("default", "t", id);
    const progress = (actions: Parameters<typeof skein.worker.progress>[2]["actions"]) =>
      skein.worker.progress("default", "t", { runId: id, fence, actions });
    await progress([
      { kind: "message.open", id: "m", role: "assistant", author: { kind: "agent", id: "a" } },
      {
        kind: "message.commit",
        id: "m",
        status: "completed",
        parts: [{ type: "tool-call", callId: "c1", name: "approved", inputText: "{}" }],
      },
      {
        kind: "action.request",
        action: { id: "c1", callId: "c1", kind: "approval", name: "approved" },
      },
    ]);
    await skein.decide("t", id, approve);
    const waited = await progress([{ kind: "run.event", event: "require_action" }]);
    expect(waited).toMatchObject({ status: "queued", segment: 1 });
  });

  test("of one call leaves the results of the others as they are, and what was done is not done again", async () => {
    const place = await fresh();
    const first = enterWithPay(place);
    const id = await asked(first, "call safe approved safe");
    await untilAsked(first, id);
    const before = readLedger(place.ledger);
    expect(before.map(({ tool }) => tool)).toEqual(["safe", "safe"]);
    await first.drain(0);
    const second = enterWithPay(place);
    const [action] = (await second.run("t", id)).actions ?? [];
    await second.decide("t", id, [{ actionId: action?.id ?? "", decision: "approve" }]);
    expect(await second.waitForRun("t", id)).toMatchObject({ status: "completed" });
    expect(
      readLedger(place.ledger)
        .slice(2)
        .map(({ tool }) => tool),
    ).toEqual(["approved"]);
    expect(await scanQuiet(place)).toEqual([]);
  });

  test("for what is unknown, foreign or over is refused and changes nothing", async () => {
    const place = await fresh();
    const skein = enterWithPay(place);
    const id = await asked(skein, "call approved");
    await untilAsked(skein, id);
    const other = await asked(skein, "hi", { threadId: "other" });
    await skein.waitForRun("other", other);
    const before = await opsOf(skein);
    const unknown = [{ actionId: "c9", decision: "approve" }] as const;
    const output = [{ actionId: "c1", decision: "output", output: 1 }] as const;
    const refused = [
      ["t", id, unknown, "action_not_found"],
      ["t", other, approve, "run_not_found"],
      ["other", other, approve, "run_ended"],
      ["t", id, output, "invalid_request"],
    ] as const;
    for (const [threadId, runId, decisions, code] of refused)
      await expect(skein.decide(threadId, runId, decisions)).rejects.toMatchObject({ code });
    expect(await opsOf(skein)).toEqual(before);
  });
});
