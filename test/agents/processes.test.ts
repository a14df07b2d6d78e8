import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { RunStreamEvent, Skein } from "../../src/agents/skein.ts";
import { replay } from "../../src/model/apply.ts";
import { textOf } from "../../src/model/part.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { startProcess } from "./start-process.ts";
import type { TurnProcess } from "./start-process.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Place {
  readonly path: string;
  readonly ledger: string;
}

async function newPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "skein-crash-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return { path: join(folder, "skein.db"), ledger: join(folder, "ledger") };
}

function start(place: Place, question?: string, crashAt?: string): TurnProcess {
  const started = startProcess(
    [place.path, place.ledger, ...(question === undefined ? [] : [question])],
    crashAt === undefined ? {} : { SKEIN_CRASH_AT: crashAt },
  );
  cleanups.push(async () => {
    started.child.kill("SIGKILL");
    await started.ended;
  });
  return started;
}

function openHere(place: Place): Skein {
  const skein = createSkein({ store: sqliteStore({ path: place.path }), worker: false });
  cleanups.push(() => skein.close());
  return skein;
}

/** What must hold of the thread after any crash and recovery. */
async function scan(skein: Skein, { ledger }: Place): Promise<void> {
  const entries = await skein.log("t", { limit: 1_000 });
  expect(entries.map(({ version }) => version)).toEqual(entries.map((_, index) => index + 1));
  const [head] = await skein.store.loadHeads([{ tenant: "default", id: "t" }]);
  expect(replay(entries)).toEqual(head);
  expect(head?.activity.runs).toEqual([]);
  expect(head?.activity.open).toEqual([]);
  expect(head?.activity.holds).toEqual({});
  const { messages } = await skein.messages("t");
  expect(messages.filter(({ role }) => role === "user")).toHaveLength(1);
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
  const [run] = (await skein.runs("t")).items;
  const steps = await skein.steps("t", run?.id ?? "");
  expect(new Set(steps.map(({ key }) => key)).size).toBe(steps.length);
  expect(steps.filter(({ status }) => status === "running")).toEqual([]);
  const streamed = new Map<string, string>();
  for await (const event of skein.runStream("t", run?.id ?? ""))
    if (event.type === "delta" && event.kind === "text")
      streamed.set(event.messageId, (streamed.get(event.messageId) ?? "") + event.text);
  for (const { id, role, parts } of messages)
    if (role === "assistant") expect(streamed.get(id) ?? "").toBe(textOf(parts));
  const lines = existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : [];
  expect(lines.filter((line) => line.startsWith("unsafe")).length).toBeLessThanOrEqual(1);
  // An idempotent tool may run twice, but only with a key that it has seen.
  expect(new Set(lines.filter((line) => line.startsWith("safe"))).size).toBeLessThanOrEqual(2);
  expect((await skein.check()).problems).toEqual([]);
}

describe.concurrent("a process that is killed in the middle of a turn", () => {
  // Every point, through the server, is in test/crash.
  test.each([
    ["mid-stream#3", "work", "completed"],
    ["after-tool", "work", "completed"],
    ["before-tool-result#2", "work", "completed"],
    ["after-early-end", "fail", "failed"],
    ["before-wait", "ask", "completed"],
    ["after-wait", "ask", "completed"],
    ["after-claim#2", "ask", "completed"],
    ["after-tool-intent", "ask", "completed"],
    ["before-tool-result", "ask", "completed"],
  ])("at %s loses nothing and repeats nothing", async (point, question, status) => {
    const place = await newPlace();
    const killed = start(place, question, point);
    expect(await killed.ended).toBe("SIGKILL");
    const next = start(place);
    expect(await next.ended).toBeNull();
    const skein = openHere(place);
    await scan(skein, place);
    const [run] = (await skein.runs("t")).items;
    expect(run?.status).toBe(status);
  });
});

describe.concurrent("two processes on one store", () => {
  test("the living one takes over the runs of the one that is killed", async () => {
    const place = await newPlace();
    const survivor = openHere(place);
    await survivor.open();
    const killed = start(place, "work");
    const [, id = ""] = (await killed.printed("stored")).split(" ");
    await textSeen(survivor, id, "word");
    const other = start(place);
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(await other.ended).toBeNull();
    await scan(survivor, place);
    expect(await survivor.run("t", id)).toMatchObject({ status: "completed" });
  });

  test("one can watch and stop what the other does", async () => {
    const place = await newPlace();
    const here = openHere(place);
    await here.open();
    const elsewhere = start(place, "slow");
    const [, id = ""] = (await elsewhere.printed("stored")).split(" ");
    const events = await textSeen(here, id, "7 word");
    const kinds = new Set(events.map(({ type }) => type));
    expect(kinds).toEqual(new Set(["run", "delta"]));
    expect(await here.cancel("t", id, { wait: true })).toMatchObject({ status: "cancelled" });
    expect((await here.messages("t")).messages[1]).toMatchObject({
      status: "incomplete",
      reason: "cancelled",
    });
    expect(await elsewhere.ended).toBeNull();
    await scan(here, place);
  });
});

/** Reads the stream of a run until its text has `text`. */
async function textSeen(
  skein: Skein,
  runId: string,
  text: string,
): Promise<readonly RunStreamEvent[]> {
  const events: RunStreamEvent[] = [];
  let seen = "";
  for await (const event of skein.runStream("t", runId)) {
    events.push(event);
    if (event.type === "delta") seen += event.text;
    if (seen.includes(text)) break;
  }
  return events;
}
