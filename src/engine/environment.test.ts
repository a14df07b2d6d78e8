import { expect, test } from "vitest";
import { captureEnvironment, withoutCredentials } from "./environment.ts";

test("the environment names platform, directory and tools, and no variable", async () => {
  process.env["SKEIN_TEST_SECRET"] = "do-not-keep-me";
  const environment = await captureEnvironment();
  expect(environment).toMatchObject({
    platform: { os: process.platform, architecture: process.arch },
    cwd: process.cwd(),
    tools: { node: process.versions.node },
  });
  expect(JSON.stringify(environment)).not.toContain("do-not-keep-me");
});

test.each([
  ["https://user:token@git.example/a/b.git?key=1#x", "https://git.example/a/b.git"],
  ["https://token@git.example/a/b.git", "https://git.example/a/b.git"],
  ["git@git.example:a/b.git", "git.example:a/b.git"],
  ["ssh://git:pw@git.example:22/a/b.git", "ssh://git.example:22/a/b.git"],
  ["../neighbour", "../neighbour"],
])("the remote %s is kept without credentials", (remote, expected) => {
  expect(withoutCredentials(remote)).toBe(expected);
});
