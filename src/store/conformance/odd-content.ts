import { text } from "../../model/part.ts";
import type { Part } from "../../model/part.ts";

export const EVERY_PART: readonly Part[] = [
  { ...text("with everything"), id: "p1", citations: [{ url: "https://example.com", at: 3 }] },
  { type: "refusal", text: "I would rather not." },
  {
    type: "reasoning",
    text: "Hmm.",
    isSummary: true,
    opaque: { kind: "encrypted", data: "AAEC/w==" },
    providerMetadata: { anthropic: { signature: "sig" } },
  },
  {
    type: "file",
    mediaType: "image/png",
    filename: "sky.png",
    source: { kind: "blob", sha256: "a".repeat(64), sizeBytes: 3 },
  },
  {
    type: "file",
    mediaType: "text/html",
    source: { kind: "url", url: "https://example.com/?a=1&b=2" },
  },
  {
    type: "file",
    mediaType: "application/pdf",
    source: { kind: "provider", ids: { openai: "file-1" } },
  },
  { type: "file", mediaType: "text/plain", source: { kind: "text", text: "inline" } },
  { type: "tool-call", callId: "c1", name: "look", inputText: "{not json", executor: "client" },
  {
    type: "tool-call",
    callId: "c2",
    name: "look",
    inputText: '{"n":1e21}',
    input: { n: 1e21 },
    executor: "provider",
  },
  { type: "data", name: "chart", data: { points: [0.1, -0.5, 9007199254740991, 1.5e300] } },
  { type: "data", name: "nothing", data: null },
  {
    type: "source",
    kind: "url",
    url: "https://example.com",
    title: "A page",
    mediaType: "text/html",
    text: "…",
  },
  { type: "error", code: "model_error", message: "It broke.", isRetryable: true },
  { type: "marker", kind: "step-start", payload: [] },
  { type: "opaque", format: "vendor.block", value: { deep: [[[[{}]]]] } },
  {
    ...text("native"),
    native: { format: "openai.chat", value: { role: "user", content: "native" } },
  },
];

/** What tool output may hold besides plain words. */
export const ODD_TEXTS: Readonly<Record<string, string>> = {
  "a NUL": "before\u0000after\u0000",
  "control characters": "\u0001\u0007\u001b[31mred\u001b[0m\u007f\u0085",
  "half a surrogate pair": "\ud83e broken \uddf5",
  "emoji and joiners": "👩‍👩‍👧‍👦 🧵 🏳️‍🌈 e\u0301 é",
  "line ends of every kind": "a\nb\r\nc\rd\u2028e\u2029f\ufeff",
  "quotes and backslashes": `"'\`\\\\ \\u0000 \\n '; DROP TABLE entry; -- %_*`,
  "only spaces": "  \t ",
  "no text at all": "",
  "a mebibyte": "0123456789abcdeß🧵".repeat(61_681).slice(0, 1_048_576),
};

export function oddResult(output: string): Part {
  return {
    type: "tool-result",
    callId: "c1",
    name: "print",
    outcome: "ok",
    output: { type: "text", text: output },
  };
}
