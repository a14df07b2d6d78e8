import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isProcessGone, ownProcess } from "./own-process.ts";

describe.skipIf(!existsSync("/proc/self/ns/pid"))("on a machine with /proc", () => {
  test("this process is not gone", () => {
    expect(isProcessGone(ownProcess() ?? "")).toBe(false);
  });

  test("a process that was killed is gone, and one that is only stopped is not", async () => {
    const script =
      "const { ownProcess } = await import(process.argv[1]); console.log(ownProcess());";
    const module = new URL("own-process.ts", import.meta.url).href;
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `${script} setInterval(() => {}, 1000);`,
      module,
    ]);
    const [printed] = await once(child.stdout, "data");
    const name = String(printed).trim();
    expect(isProcessGone(name)).toBe(false);
    child.kill("SIGSTOP");
    expect(isProcessGone(name)).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isProcessGone(name)).toBe(true);
  });

  test("another process under the same number is another process", () => {
    const [boot, namespace, pid, startedAt] = (ownProcess() ?? "").split(" ");
    expect(isProcessGone(`${boot} ${namespace} ${pid} ${Number(startedAt) + 1}`)).toBe(true);
  });

  test("of a process on another machine, or in another container, nothing is known", () => {
    const [boot, namespace] = (ownProcess() ?? "").split(" ");
    expect(isProcessGone(`elsewhere ${namespace} 1 1`)).toBe(false);
    expect(isProcessGone(`${boot} pid:[1] 1 1`)).toBe(false);
  });
});

test("what is no name of a process tells nothing", () => {
  for (const name of ["", "1", "018f2f3e-7f3b-7c53-8d8a-6f1c3d6e2a11"])
    expect(isProcessGone(name)).toBe(false);
});
