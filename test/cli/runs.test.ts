import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
  await work.json(["threads", "new", "--id", "t"]);
});

afterAll(() => work[Symbol.asyncDispose]());

test("a message with --run is answered, and the run, its steps and the stats are there", async () => {
  const { code, stdout } = await work.skein(["messages", "add", "t", "What time is it?", "--run"]);
  expect(code).toBe(0);
  expect(stdout).toContain("The clock says");
  const [run] = await work.json(["runs", "list", "t"]);
  expect(run).toMatchObject({ thread_id: "t", agent_id: "assistant", status: "completed" });
  expect(await work.json(["runs", "show", "t", run?.["id"]])).toEqual([run]);
  const steps = await work.json(["runs", "steps", "t", run?.["id"]]);
  expect(steps.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
  const [stats] = await work.json(["threads", "stats", "t"]);
  expect(stats).toMatchObject({ run_count: 1, runs_by_status: { completed: 1 } });
  const people = await work.skein(["runs", "list", "t"]);
  expect(people.stdout).toContain("completed  assistant");
  expect((await work.skein(["runs", "steps", "t", run?.["id"]])).stdout).toContain("tool:");
  expect((await work.skein(["runs", "show", "t", run?.["id"]])).stdout).toContain("status");
});

test("a turn is answered again, and an edited question too", async () => {
  const again = await work.skein(["threads", "regenerate", "t"]);
  expect(again.stdout).toContain("The clock says");
  const [thread] = await work.json(["threads", "show", "t"]);
  const question: string = thread?.["messages"][0].id;
  const edited = await work.skein(["threads", "edit", "t", question, "My name is Ada.", "--run"]);
  expect(edited.stdout).toContain("Ada");
  const branches = await work.json(["threads", "branches", "t"]);
  expect(branches.map(({ name }) => name)).toEqual(["main", "main~1", "main~2"]);
});

test("a run is cancelled from another process, and keeps its text", async () => {
  const slow = work.start(["messages", "add", "t", "Hello, who are you?", "--run"], {
    env: { SKEIN_DEMO_DELAY_MS: "200" },
  });
  slow.process.stdin.end();
  await slow.firstOutput;
  const [queued] = await work.json(["messages", "add", "t", "Never mind."]);
  expect(queued?.["status"]).toBe("queued");
  expect(await work.json(["messages", "discard", "t", queued?.["id"]])).toMatchObject([
    { id: "t" },
  ]);
  expect((await work.skein(["messages", "discard", "t", queued?.["id"]])).code).toBe(3);
  const [cancelled] = await work.json(["runs", "cancel", "t", "--wait"]);
  expect(cancelled?.["status"]).toBe("cancelled");
  const { code, stdout } = await slow.ended;
  expect(code).toBe(130);
  const [thread] = await work.json(["threads", "show", "t"]);
  const last = thread?.["messages"].at(-1);
  expect(last).toMatchObject({ status: "incomplete", reason: "cancelled" });
  expect(stdout).toBe(`${last.content}\n`);
  expect((await work.skein(["runs", "cancel", "t"])).stderr).toBe("No run is active.\n");
});

test("a run whose process is gone is ended by its cancel", async () => {
  await work.json(["threads", "new", "--id", "orphan"]);
  const slow = work.start(["messages", "add", "orphan", "Hello, who are you?", "--run"], {
    env: { SKEIN_DEMO_DELAY_MS: "200" },
  });
  slow.process.stdin.end();
  await slow.firstOutput;
  slow.process.kill("SIGKILL");
  await slow.ended;
  const [cancelled] = await work.json(["runs", "cancel", "orphan"]);
  expect(cancelled?.["status"]).toBe("cancelled");
  const [thread] = await work.json(["threads", "show", "orphan"]);
  expect(thread?.["status"]).toBe("idle");
  expect(thread?.["messages"].at(-1)).toMatchObject({ status: "incomplete", reason: "cancelled" });
});

test("a run that failed exits with 1 and says why", async () => {
  const { code, stderr } = await work.skein(["messages", "add", "t", "Hello", "--run"], {
    env: { SKEIN_MODEL: "compatible/none", SKEIN_MODEL_URL: "http://127.0.0.1:9/v1" },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/skein: the run ended as failed: [^\n]+\n$/);
});

test("what does not exist exits with 3", async () => {
  for (const args of [
    ["runs", "list", "nowhere"],
    ["runs", "show", "t", "run_none"],
    ["runs", "cancel", "t", "run_none"],
    ["messages", "add", "nowhere", "Hello"],
    ["messages", "add", "t", "Hello", "--run", "--agent", "nobody"],
  ]) {
    const { code, stdout, stderr } = await work.skein(args);
    expect([code, stdout], stderr).toEqual([3, ""]);
  }
});
