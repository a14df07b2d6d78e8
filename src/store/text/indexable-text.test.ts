import { expect, test } from "vitest";
import { text } from "../../model/part.ts";
import type { Json } from "../../model/json.ts";
import { indexableText } from "./indexable-text.ts";

const result = { type: "tool-result", callId: "c1", name: "look", outcome: "ok" } as const;

test("text, refusals and tool output are searched; reasoning, calls and files are not", () => {
  expect(
    indexableText([
      text("said"),
      { type: "reasoning", text: "thought" },
      { type: "refusal", text: "refused" },
      { type: "tool-call", callId: "c1", name: "look", inputText: '{"at":"call"}' },
      { ...result, output: { type: "text", text: "seen" } },
      { ...result, output: { type: "error", text: "failed" } },
      { type: "file", mediaType: "text/plain", source: { kind: "text", text: "file" } },
    ]),
  ).toBe("said\nrefused\nseen\nfailed");
});

test("of JSON output the strings and numbers are searched, not the keys", () => {
  const value = { key: "one", list: [2, true, null, { inner: "three" }], last: "four" };
  expect(indexableText([{ ...result, output: { type: "json", value } }])).toBe(
    "one\n2\nthree\nfour",
  );
});

test("deeply nested output is no problem", () => {
  let value: Json = "deep";
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  expect(indexableText([{ ...result, output: { type: "json", value } }])).toBe("deep");
});
