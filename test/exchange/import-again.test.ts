import { expect, test } from "vitest";
import { importFiles } from "../../src/exchange/import-files.ts";
import type { ImportReport } from "../../src/exchange/import-options.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { generatedClaude } from "./generated-claude.ts";
import { engineOver, fileOf, fixture, importText, threadIds, told } from "./import-support.ts";

const NAMES = [
  "claude.json",
  "chatgpt.json",
  "librechat.json",
  "open-webui.json",
  "claude-code.jsonl",
  "codex.jsonl",
  "codex-old.jsonl",
  "dive.jsonl",
] as const;

/** A conversation of Claude with these messages: id, what it follows on, what it says. */
type Said = readonly (readonly [string, string | null, string])[];

function talk(...said: Said): string {
  const chat_messages = said.map(([uuid, parent, text]): JsonObject => ({
    uuid,
    parent_message_uuid: parent,
    sender: uuid.startsWith("q") ? "human" : "assistant",
    text,
  }));
  const source: Json = [{ uuid: "c", name: "Talk", chat_messages }];
  return JSON.stringify(source);
}

test.each(NAMES)("%s imported twice changes nothing the second time", async (name) => {
  const engine = engineOver();
  const first = await importText(engine, fixture(name));
  const ids = Object.values(await threadIds(engine));
  const before = await engine.getMany(ids);
  const second = await importText(engine, fixture(name));
  expect(first.imported).toBeGreaterThan(0);
  expect(second).toMatchObject({ imported: 0, updated: 0, unchanged: first.imported });
  expect(await engine.getMany(ids)).toEqual(before);
});

test.each(NAMES)("a dry run of %s counts and writes nothing", async (name) => {
  const engine = engineOver();
  const dry = await importText(engine, fixture(name), { isDryRun: true });
  expect(Object.keys(await threadIds(engine))).toEqual([]);
  const real = await importText(engine, fixture(name));
  expect({ ...dry, notes: [] }).toEqual({ ...real, notes: [] });
});

test("what was said in the source since is added", async () => {
  const engine = engineOver();
  await importText(engine, talk(["q1", null, "Hello"]));
  const report = await importText(
    engine,
    talk(["q1", null, "Hello"], ["a1", "q1", "Hi"], ["q2", "a1", "Bye"]),
  );
  expect(report).toMatchObject({ imported: 0, updated: 1, problemCount: 0 });
  const id = (await threadIds(engine))["Talk"] ?? "";
  expect(await told(engine, id)).toEqual(["user: Hello", "assistant: Hi", "user: Bye"]);
});

test("where people have gone on here, main stays theirs and what the source said becomes a branch", async () => {
  const engine = engineOver();
  const source: Said = [
    ["q1", null, "Hello"],
    ["a1", "q1", "Hi"],
  ];
  await importText(engine, talk(...source));
  const id = (await threadIds(engine))["Talk"] ?? "";
  await engine.append(id, { messages: [{ content: "Said here" }] });
  const grown: Said = [...source, ["q2", "a1", "Said there"]];
  expect(await importText(engine, talk(...grown))).toMatchObject({ updated: 1, problemCount: 0 });
  const again = await importText(engine, talk(...grown, ["a2", "q2", "Heard there"]));
  expect(again).toMatchObject({ updated: 1, problemCount: 0 });
  expect(await told(engine, id)).toEqual(["user: Hello", "assistant: Hi", "user: Said here"]);
  const [, other, ...more] = await engine.branches(id);
  expect(more).toEqual([]);
  expect(await told(engine, id, other?.name)).toEqual([
    "user: Hello",
    "assistant: Hi",
    "user: Said there",
    "assistant: Heard there",
  ]);
});

test("an answer that the source generated anew becomes a branch", async () => {
  const engine = engineOver();
  await importText(engine, talk(["q1", null, "Hello"], ["a1", "q1", "Hi"]));
  const report = await importText(
    engine,
    talk(["q1", null, "Hello"], ["a1", "q1", "Hi"], ["a2", "q1", "Hey"]),
  );
  expect(report).toMatchObject({ updated: 1, problemCount: 0 });
  const id = (await threadIds(engine))["Talk"] ?? "";
  const [main, other] = await engine.branches(id);
  expect(await told(engine, id, main?.name)).toEqual(["user: Hello", "assistant: Hi"]);
  expect(await told(engine, id, other?.name)).toEqual(["user: Hello", "assistant: Hey"]);
});

test("a message that the source changed is a problem of its conversation, and nothing is overwritten", async () => {
  const engine = engineOver();
  await importText(engine, talk(["q1", null, "Hello"]));
  const report = await importText(engine, talk(["q1", null, "Changed"], ["a1", "q1", "Hi"]));
  expect(report).toMatchObject({ updated: 0, problems: [{ at: 1, id: "c" }] });
  const id = (await threadIds(engine))["Talk"] ?? "";
  expect(await told(engine, id)).toEqual(["user: Hello"]);
});

test("two people who import the same file have threads of their own", async () => {
  const engine = engineOver();
  const source = talk(["q1", null, "Hello"]);
  const reports: ImportReport[] = [];
  for (const user of ["anna", "bert"])
    reports.push(await importText(engine.as({ user }), source, { user }));
  expect(reports.map(({ imported }) => imported)).toEqual([1, 1]);
  const { items } = await engine.list();
  expect(items.map(({ owner }) => owner).toSorted()).toEqual(["anna", "bert"]);
});

test("a session of Claude Code that was imported in the middle of an answer is completed", async () => {
  const engine = engineOver();
  const lines = fixture("claude-code.jsonl").split("\n");
  await importText(engine, `${lines.slice(0, 5).join("\n")}\n`);
  const report = await importText(engine, fixture("claude-code.jsonl"));
  expect(report).toMatchObject({ updated: 1, imported: 1, problemCount: 1 });
  const id = (await threadIds(engine))["Fixes the rudder"] ?? "";
  const names = (await engine.branches(id)).map(({ name }) => name);
  const ends = await Promise.all(names.map(async (name) => (await told(engine, id, name)).at(-1)));
  expect(ends).toContain("user: Stop, use pnpm");
});

test("progress says how far it is", async () => {
  const engine = engineOver();
  const seen: number[] = [];
  const file = fileOf("a", fixture("claude.json"));
  await importFiles(engine, [file], { onProgress: ({ bytes }) => seen.push(bytes) });
  expect(seen.at(-1)).toBe(file.sizeBytes);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test("an import that is stopped says so, and the same again completes it", async () => {
  const engine = engineOver();
  const stop = new AbortController();
  const stopped = importText(engine, fixture("chatgpt.json"), {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(stopped).rejects.toThrow("aborted");
  expect(await importText(engine, fixture("chatgpt.json"))).toMatchObject({ problemCount: 1 });
});

test("a large file is read at the pace at which it is written, one record at a time", async () => {
  const engine = engineOver();
  let ahead = 0;
  let read = 0;
  const file = {
    name: "large",
    async *read() {
      for await (const piece of generatedClaude(4 * 1_048_576)) {
        read += 1;
        yield piece;
      }
    },
  };
  const report = await importFiles(engine, [file], {
    onProgress: ({ conversations }) => {
      // Of every conversation there are one or two pieces.
      ahead = Math.max(ahead, read - 2 * conversations);
    },
  });
  expect(report).toMatchObject({ problemCount: 0, messages: report.imported * 50 });
  expect(report.imported).toBeGreaterThan(70);
  expect(ahead).toBeLessThan(5);
});
