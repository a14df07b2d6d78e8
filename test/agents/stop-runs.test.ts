import { describe, expect, test } from "vitest";
import type { Skein } from "../../src/agents/skein.ts";
import { textOf } from "../../src/model/part.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein, STORES } from "./fixture.ts";

const never = new Promise<never>(() => {});
const MODEL = () => scriptedModel(["One.", ["Two, and then", { wait: never }], "Three.", "Four."]);

/** A thread whose second run is in the middle of its answer. */
async function talking(
  skein: Skein,
): Promise<{ readonly working: string; readonly first: string }> {
  await skein.create({ id: "t" });
  await skein.respond({ threadId: "t", input: "one" });
  const { run, messages } = await skein.append("t", { messages: [{ content: "two" }], run: {} });
  const working = run?.id ?? "";
  for await (const event of skein.runStream("t", working)) if (event.type === "delta") break;
  return { working, first: messages[0]?.id ?? "" };
}

async function said(skein: Skein, branch = "main"): Promise<readonly string[]> {
  const { messages } = await skein.messages("t", { branch });
  return messages.map(({ parts }) => textOf(parts));
}

describe.each(STORES)("what a run is in the way of, on the %s store", (_name, open) => {
  test("an edit with `interrupt` stops the run first, and answers", async () => {
    const skein = openSkein({ store: await open(), agent: { model: MODEL() } });
    const { working, first } = await talking(skein);
    await expect(skein.edit("t", first, { content: "zwei", run: {} })).rejects.toMatchObject({
      code: "run_active",
    });
    const { run } = await skein.edit("t", first, {
      content: "zwei",
      run: { strategy: "interrupt" },
    });
    expect((await skein.run("t", working)).status).toBe("cancelled");
    await skein.waitForRun("t", run?.id ?? "");
    expect(await said(skein)).toEqual(["one", "One.", "zwei", "Three."]);
    expect(await said(skein, "main~1")).toEqual(["one", "One.", "two", "Two, and then"]);
  });

  test("a cut and another answer do so, too", async () => {
    const skein = openSkein({ store: await open(), agent: { model: MODEL() } });
    const { working } = await talking(skein);
    await skein.truncate("t", null, { strategy: "rollback" });
    expect((await skein.run("t", working)).status).toBe("cancelled");
    expect(await said(skein)).toEqual([]);
  });

  test("a run that is asked for safely is refused, or interrupts", async () => {
    const skein = openSkein({ store: await open(), agent: { model: MODEL() } });
    const { working } = await talking(skein);
    expect(await skein.hasActiveRun("t")).toBe(true);
    await expect(skein.createRunSafely("t")).rejects.toMatchObject({ code: "run_active" });
    const run = await skein.createRunSafely("t", {
      cancelIfActive: true,
      messages: [{ content: "three" }],
    });
    await skein.waitForRun("t", run.id);
    expect((await skein.run("t", working)).status).toBe("cancelled");
    expect(await said(skein)).toEqual(["one", "One.", "two", "Two, and then", "three", "Three."]);
    expect(await skein.hasActiveRun("t")).toBe(false);
  });

  test("a cancellation that is waited for gives up at its deadline, and the run goes on stopping", async () => {
    const skein = openSkein({ store: await open(), agent: { model: MODEL() }, worker: false });
    const { run } = await skein.create({ id: "t", messages: [{ content: "one" }], run: {} });
    const id = run?.id ?? "";
    // Claimed by a worker that does nothing.
    await skein.worker.claim("default", "t", id);
    await expect(skein.cancel("t", id, { wait: true, timeoutMs: 50 })).rejects.toMatchObject({
      code: "timeout",
    });
    expect((await skein.run("t", id)).status).toBe("cancelling");
  });
});

test("a thread is deleted although the worker of its run does not let go", async () => {
  const [, [, open]] = STORES as readonly [unknown, (typeof STORES)[number]];
  const skein = openSkein({ store: await open(), agent: { model: MODEL() }, worker: false });
  const { run } = await skein.create({ id: "t", messages: [{ content: "one" }], run: {} });
  const id = run?.id ?? "";
  const claimed = await skein.worker.claim("default", "t", id);
  await skein.append("t", { messages: [{ content: "two" }], run: {} });
  await skein.delete("t");
  await expect(skein.get("t")).rejects.toMatchObject({ code: "thread_deleted" });
  await expect(
    skein.worker.progress("default", "t", { runId: id, fence: claimed.fence, actions: [] }),
  ).rejects.toMatchObject({ code: "thread_deleted" });
  await skein.undelete("t");
  expect((await skein.detail("t")).runs).toEqual([]);
  expect(await said(skein)).toEqual(["one", "two"]);
  expect((await skein.check()).problems).toEqual([]);
});
