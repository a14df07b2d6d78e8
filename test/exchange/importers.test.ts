import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { engineOver, fixture, importText, messagesOf, threadIds, told } from "./import-support.ts";

async function only(engine: Engine): Promise<string> {
  const [id] = Object.values(await threadIds(engine));
  return id ?? "";
}

test("a data export of Claude comes with thoughts, tools, attachments, branches and times", async () => {
  const engine = engineOver();
  const report = await importText(engine, fixture("claude.json"));
  expect(report).toMatchObject({ imported: 2, empty: 1, sources: { claude: 3 } });
  expect(report.problems).toEqual([
    { file: "given", at: 4, reason: "The conversation has no id." },
    { file: "given", at: 5, reason: "This is nothing that Skein knows." },
  ]);
  const ids = await threadIds(engine);
  const id = ids["Pirates"] ?? "";
  expect(await told(engine, id)).toEqual([
    "user: [file] [opaque] Tell me about pirates.",
    "assistant: [reasoning] [tool-call] [tool-result] They sail.",
    "user: Thanks.",
  ]);
  const branches = await engine.branches(id);
  expect(branches.map(({ name }) => name)).toEqual(["main", expect.stringMatching(/^main~/)]);
  expect((await told(engine, id, branches[1]?.name)).at(-1)).toBe("assistant: They rob.");
  const [first] = await messagesOf(engine, id);
  expect(first).toMatchObject({
    author: { kind: "user", id: "local" },
    composedAt: Date.parse("2026-01-02T03:04:06Z"),
    createdAt: Date.parse("2026-01-02T03:04:06Z"),
    metadata: { source_id: "m-1" },
  });
  expect(JSON.stringify(first?.parts)).toContain("Arr\uFFFD!");
  expect(await engine.get(id)).toMatchObject({
    createdAt: Date.parse("2026-01-02T03:04:05Z"),
    metadata: { source: "claude", source_id: "c-1" },
  });
  // A result that answers no call is told, and is none.
  expect(await told(engine, ids["No ids and no times"] ?? "")).toEqual([
    "user: No ids and no times",
    "assistant: [opaque]",
  ]);
});

test("an export of ChatGPT keeps its tree, leaves out what is hidden, and survives circles", async () => {
  const engine = engineOver();
  const report = await importText(engine, fixture("chatgpt.json"));
  expect(report).toMatchObject({ imported: 2, problemCount: 1, sources: { chatgpt: 2 } });
  expect(report.notes).toEqual([
    expect.objectContaining({
      id: "g-2",
      reason: expect.stringContaining("followed on themselves"),
    }),
  ]);
  const ids = await threadIds(engine);
  const id = ids["Branches"] ?? "";
  expect(await told(engine, id)).toEqual([
    "user: Question",
    "assistant: [reasoning]",
    "assistant: [opaque] [source] Second answer",
  ]);
  const thread = await engine.get(id);
  expect(thread.archivedAt).not.toBeNull();
  expect(thread.messagesTotal).toBe(4);
  expect(JSON.stringify(await messagesOf(engine, id))).not.toContain("secret");
  expect((await told(engine, ids["Circle"] ?? "")).toSorted()).toEqual(["assistant: B", "user: A"]);
});

test("LibreChat comes as a tree whose root follows on zeros, with tool calls and failures", async () => {
  const engine = engineOver();
  const report = await importText(engine, fixture("librechat.json"));
  expect(report).toMatchObject({ imported: 1, messages: 4, problemCount: 0 });
  const id = await only(engine);
  const branches = await engine.branches(id);
  const ends = await Promise.all(
    branches.map(async ({ name }) => (await told(engine, id, name)).at(-1)),
  );
  expect(new Set(ends)).toEqual(
    new Set([
      "assistant: The jib.",
      "assistant: [error]",
      "assistant: [reasoning] [tool-call] [tool-result] The main sail.",
    ]),
  );
  const found = await Promise.all(branches.map(({ name }) => messagesOf(engine, id, name)));
  expect(found.flat().map(({ status }) => status)).toContain("incomplete");
});

test("Open WebUI keeps tags, dates, pictures and the branch that is shown; HTML of its own goes", async () => {
  const engine = engineOver();
  await importText(engine, fixture("open-webui.json"));
  const id = await only(engine);
  expect(await engine.get(id)).toMatchObject({
    tags: ["ships", "ports"],
    createdAt: 1_769_904_000_000,
    metadata: { source: "open-webui", pinned: true },
  });
  expect(await told(engine, id)).toEqual([
    "user: [file] Where to?",
    "assistant: [reasoning] [tool-call] [tool-result] East.",
  ]);
  const [, other] = await engine.branches(id);
  expect((await told(engine, id, other?.name)).at(-1)).toBe("assistant: West.");
  const [first] = await messagesOf(engine, id);
  const file = first?.parts.find((part) => part.type === "file");
  const sha256 = file?.type === "file" && file.source.kind === "blob" ? file.source.sha256 : "";
  expect((await engine.getBlob(sha256)).info.mediaType).toBe("image/png");
});

test("a session of Claude Code joins the lines of an answer, and closes calls that nobody answered", async () => {
  const engine = engineOver();
  const report = await importText(engine, fixture("claude-code.jsonl"));
  expect(report).toMatchObject({ imported: 2, sources: { "claude-code": 2 } });
  expect(report.problems).toEqual([
    { file: "given", at: 13, reason: expect.stringContaining("not JSON") },
  ]);
  expect(report.notes).toEqual([{ file: "given", at: 15, reason: "The last line is cut off." }]);
  const ids = await threadIds(engine);
  const id = ids["Fixes the rudder"] ?? "";
  expect(await told(engine, id)).toEqual([
    "user: Fix the rudder",
    "assistant: [reasoning] [tool-call] [tool-call]",
    "tool: [tool-result] [tool-result] [file]",
    "assistant: [tool-call] Running the tests.",
    "tool: [tool-result]",
    "user: Stop, use pnpm",
  ]);
  const [, answer] = await messagesOf(engine, id);
  expect(answer).toMatchObject({
    model: "claude-opus",
    usage: { inputTokens: 14, outputTokens: 9, cachedInputTokens: 4 },
  });
  expect(await engine.branches(id)).toHaveLength(1);
  const side = ids["Look at the keel"] ?? "";
  expect(await engine.get(side)).toMatchObject({
    kind: "sub-agent",
    metadata: { session_id: "s-1" },
  });
  expect(await told(engine, side)).toEqual(["user: Look at the keel", "assistant: It is bent."]);
});

test("rollouts of Codex come with and without an envelope", async () => {
  const engine = engineOver();
  await importText(engine, fixture("codex.jsonl"));
  const id = await only(engine);
  expect(await told(engine, id)).toEqual([
    expect.stringContaining("<environment_context>"),
    "user: List the files",
    "assistant: [reasoning] [tool-call]",
    "tool: [tool-result]",
    "assistant: One file: rudder.ts",
    "developer: [data]",
    "assistant: [tool-call]",
  ]);
  const messages = await messagesOf(engine, id);
  expect(messages[0]?.metadata).toMatchObject({ context: true });
  expect(messages[2]).toMatchObject({
    model: "gpt-5-codex",
    usage: { inputTokens: 50, outputTokens: 7, reasoningTokens: 3, cachedInputTokens: 20 },
  });
  const other = engineOver();
  await importText(other, fixture("codex-old.jsonl"));
  expect(await told(other, await only(other))).toEqual(["user: Hello", "assistant: Hi"]);
});

test("a session of Dive keeps what a compaction left, takes a resumed turn once, and heals its last line", async () => {
  const engine = engineOver();
  const report = await importText(engine, fixture("dive.jsonl"));
  expect(report).toMatchObject({ imported: 1, problemCount: 0, notes: [{ at: 6 }] });
  const id = await only(engine);
  expect(await told(engine, id)).toEqual([
    "user: How deep?",
    "assistant: [tool-call]",
    "tool: [tool-result]",
    "assistant: Forty metres.",
    "developer: [data]",
    "user: And there?",
    "assistant: Deeper.",
  ]);
  expect(await engine.get(id)).toMatchObject({
    title: "Depth",
    metadata: { project: "reef", forked_from: "d-0", source_id: "d-1" },
  });
});
