import { expect, test } from "vitest";
import type { Run, Skein } from "../../src/index.ts";
import { isEnded } from "../../src/model/run-transitions.ts";
import { textOf } from "../../src/model/part.ts";
import { noting, steadyAgent } from "./agents.ts";
import { logOf } from "./invariants/scan-invariants.ts";
import { readLedger } from "./ledger.ts";
import { asked, describePlaces, enter, scanQuiet } from "./several.ts";

await describePlaces("several workers", (fresh) => {
  test("on one thread work on one run at a time, in the order of the questions", async () => {
    const place = await fresh();
    const tools = [noting("safe", place.ledger, { effect: "idempotent" })];
    const agents = [steadyAgent({ tools })];
    const skeins = Array.from({ length: 8 }, () => enter(place, { agents }));
    const [first] = skeins;
    if (first === undefined) throw new Error("There is no process.");
    await first.create({ id: "t" });
    const texts = Array.from({ length: 16 }, (_, n) => (n % 4 === 0 ? "call safe" : `number ${n}`));
    const ids: string[] = [];
    for (const [n, content] of texts.entries()) {
      const { run } = await (skeins[n % 8] ?? first).append("t", {
        messages: [{ content }],
        run: {},
      });
      ids.push(run?.id ?? "");
    }
    await first.waitForRun("t", ids.at(-1) ?? "");
    const entries = await logOf(first, "t");
    const active = new Set<string>();
    const ended: string[] = [];
    for (const { op, data } of entries) {
      if (op === "run.update" && data.event === "claim") active.add(data.runId);
      expect(active.size).toBeLessThanOrEqual(1);
      if (op === "run.end" && active.delete(data.runId)) ended.push(data.runId);
    }
    expect(ended).toEqual(ids);
    const { messages } = await first.messages("t", { limit: 200 });
    const asked = messages.filter(({ role }) => role === "user").map(({ parts }) => textOf(parts));
    expect(asked).toEqual(texts);
    expect(readLedger(place.ledger)).toHaveLength(4);
    expect(await scanQuiet(place)).toEqual([]);
  });

  test("that are all given the same run carry it out once, and a run that has ended is nobody's", async () => {
    const place = await fresh();
    const tools = [noting("unsafe", place.ledger)];
    const agents = [steadyAgent({ tools })];
    const idle = enter(place, { agents, worker: false });
    const id = await asked(idle, "call unsafe");
    const skeins = Array.from({ length: 4 }, () => enter(place, { agents, worker: false }));
    await Promise.all(skeins.map((skein) => skein.startWorker({ runId: id, threadId: "t" })));
    expect(await idle.waitForRun("t", id)).toMatchObject({ status: "completed", fence: 1 });
    expect(readLedger(place.ledger)).toHaveLength(1);
    const before = await logOf(idle, "t");
    for (const skein of skeins) {
      await skein.startWorker({ runId: id, threadId: "t" });
      await expect(skein.worker.claim("default", "t", id, 0)).rejects.toMatchObject({
        code: "run_ended",
      });
    }
    expect(await logOf(idle, "t")).toEqual(before);
  });

  test("of which one lost its run cannot write any more, whatever it still wants to say", async () => {
    const place = await fresh();
    const [stale, other] = [false, false].map((worker) => enter(place, { worker }));
    if (stale === undefined || other === undefined) throw new Error("There is no process.");
    const id = await asked(stale, "hi");
    const first = await stale.worker.claim("default", "t", id);
    const second = await other.worker.claim("default", "t", id, first.fence);
    expect(second.fence).toBe(first.fence + 1);
    const late = {
      kind: "message.append",
      message: { id: "late", role: "assistant", parts: [{ type: "text", text: "late" }] },
    } as const;
    const end = { kind: "run.event", event: "complete" } as const;
    const write = (
      { worker }: Skein,
      fence: number,
      actions: readonly (typeof late | typeof end)[],
    ): Promise<Run> => worker.progress("default", "t", { runId: id, fence, actions });
    await expect(write(stale, first.fence, [late, end])).rejects.toMatchObject({
      code: "lease_lost",
    });
    expect(await write(other, second.fence, [end])).toMatchObject({ status: "completed" });
    await expect(write(stale, first.fence, [late])).rejects.toBeInstanceOf(Error);
    const { messages } = await other.messages("t");
    expect(messages.map(({ parts }) => textOf(parts))).toEqual(["hi"]);
    expect(await scanQuiet(place)).toEqual([]);
  });

  test("leave no run behind when its predecessor is stopped, expires or fails", async () => {
    const place = await fresh();
    const agents = [steadyAgent()];
    const skein = enter(place, { agents });
    await skein.create({ id: "t" });
    const say = async (content: string, expiresInMs?: number): Promise<string> => {
      const run = expiresInMs === undefined ? {} : { expiresInMs };
      return (await skein.append("t", { messages: [{ content }], run })).run?.id ?? "";
    };
    const cancelled = await say("slow one");
    const expired = await say("slow two", 1_500);
    const overdue = await say("waits too long", 1);
    const last = await say("hello");
    await skein.cancel("t", cancelled, { wait: true });
    const runs = [];
    for (const id of [cancelled, expired, overdue, last])
      runs.push(await skein.waitForRun("t", id));
    expect(runs.map(({ status }) => status)).toEqual([
      "cancelled",
      "expired",
      "expired",
      "completed",
    ]);
    expect(runs.every(({ status }) => isEnded(status))).toBe(true);
    const { messages } = await skein.messages("t");
    const said = messages.filter(({ role }) => role === "user").map(({ parts }) => textOf(parts));
    expect(said).toEqual(["slow one", "slow two", "waits too long", "hello"]);
    expect(await scanQuiet(place)).toEqual([]);
  });
});
