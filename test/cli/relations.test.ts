import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace, type Wire, type Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
  for (const id of ["plan", "notes"])
    await work.json(["threads", "new", "--id", id, "--title", `The ${id}`]);
});

afterAll(() => work[Symbol.asyncDispose]());

async function edges(...args: readonly string[]): Promise<readonly Wire[]> {
  const [found] = await work.json(["threads", "related", ...args]);
  return found?.["edges"];
}

test("threads are linked and unlinked, and shown from either side", async () => {
  const link = ["plan", "draft", "notes"];
  const linked = await work.skein(["threads", "link", ...link, "--data", '{"page":2}']);
  expect(linked).toMatchObject({ code: 0, stdout: "plan\n" });
  const edge = { from: "plan", to: "notes", kind: "draft", data: { page: 2 } };
  for (const id of ["plan", "notes"]) expect(await edges(id)).toEqual([edge]);
  const shown = await work.skein(["threads", "related", "notes"]);
  expect(shown.stdout).toBe("plan  draft  notes  “The notes”\n");
  expect(await edges("plan", "--kinds", "summary")).toEqual([]);
  expect(await work.skein(["threads", "link", "plan", "summary", "plan"])).toMatchObject({
    code: 2,
    stdout: "",
  });
  await work.json(["threads", "unlink", "notes", "draft-of", "plan"]);
  expect(await edges("plan")).toEqual([]);
  const none = await work.skein(["threads", "related", "plan"]);
  expect(none).toMatchObject({ stdout: "", stderr: "There are no related threads.\n" });
});

test("a summary is kept beside its thread, which is continued with it", async () => {
  const [made] = await work.json(["threads", "summary", "plan", "-"], { input: "We agreed." });
  expect(made).toMatchObject({ kind: "summary", title: "Summary: The plan" });
  const next = ["threads", "continue", "plan", "--id", "next", "--summary", "We agreed."];
  expect(await work.skein(next)).toMatchObject({ code: 0, stdout: "next\n" });
  expect(await edges("next", "--depth", "2")).toEqual([
    { from: "plan", to: "next", kind: "continuation", data: { version: 5 } },
    { from: "plan", to: made?.["id"], kind: "summary", data: { version: 3 } },
  ]);
  const [shown] = await work.json(["threads", "show", "next"]);
  expect(shown?.["messages"]).toMatchObject([{ role: "system", content: "We agreed." }]);
  expect(shown).toMatchObject({ metadata: { previous_thread: "plan" } });
  const again = await work.skein(["threads", "continue", "plan"]);
  expect(again).toMatchObject({ code: 5, stdout: "" });
  expect(again.stderr).toContain("continued as next");
});
