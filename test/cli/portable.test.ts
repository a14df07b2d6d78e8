import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorkspace } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

let workspace: Workspace;

beforeEach(async () => {
  workspace = await createWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

test("a thread goes from one store to another through a pipe, once", async () => {
  const { skein, json } = workspace;
  const other = { SKEIN_STORE: "sqlite:./other.db" };
  const [made] = await json(["import", "text", "-", "--id", "talk"], { input: "Hello\n\nHi\n" });
  const exported = await skein(["threads", "export", made?.["thread_id"]]);
  expect([exported.code, exported.stderr]).toEqual([0, ""]);
  const input = exported.stdout;
  const first = await skein(["import", "thread", "-"], { input, env: other });
  expect([first.code, first.stdout]).toEqual([0, "talk\n"]);
  expect(first.stderr).toContain("Imported");
  const second = await skein(["import", "thread", "-"], { input, env: other });
  expect(second.stderr).toContain("Found");
  const [thread] = await json(["import", "thread", "-"], { input, env: other });
  expect(thread).toMatchObject({ id: "talk", message_count: 2 });
});

test("a reference is one short line; what is no JSON is refused", async () => {
  const { skein } = workspace;
  await skein(["import", "text", "-", "--id", "talk"], { input: "Hello\n" });
  const { stdout } = await skein(["threads", "export", "talk", "--reference"]);
  expect(stdout.length).toBeLessThan(300);
  const found = await skein(["import", "thread", "-"], { input: stdout });
  expect(found.stdout).toBe("talk\n");
  const refused = await skein(["import", "thread", "-"], { input: "not JSON" });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("not JSON");
});
