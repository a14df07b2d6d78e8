import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../model/json.ts";
import type { Part } from "../../model/part.ts";
import { fromPortable, toPortable } from "./spelling.ts";

const json = fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value)));
const object = fc.dictionary(fc.string(), json);
const base = { id: fc.string(), providerMetadata: object };

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ ...base, type: fc.constant("text" as const), text: fc.string() }),
  fc.record({
    ...base,
    type: fc.constant("tool-call" as const),
    callId: fc.string(),
    name: fc.string(),
    inputText: fc.string(),
    input: json,
  }),
  fc.record({
    type: fc.constant("tool-result" as const),
    callId: fc.string(),
    name: fc.string(),
    outcome: fc.constant("ok" as const),
    output: fc.record({ type: fc.constant("json" as const), value: json }),
  }),
  fc.record({
    type: fc.constant("file" as const),
    mediaType: fc.string(),
    source: fc.oneof(
      fc.record({ kind: fc.constant("blob" as const), sha256: fc.string(), sizeBytes: fc.nat() }),
      fc.record({
        kind: fc.constant("provider" as const),
        ids: fc.dictionary(fc.string(), fc.string()),
      }),
    ),
  }),
  fc.record(
    { type: fc.constant("data" as const), name: fc.string(), data: json },
    { requiredKeys: ["type", "name"] },
  ),
  fc.record({
    type: fc.constant("marker" as const),
    kind: fc.constant("step-start" as const),
    payload: json,
  }),
);

test("what is spelled for an export is read back as it was", () => {
  fc.assert(
    fc.property(fc.array(part), object, fc.nat(4_102_444_800_000), (parts, metadata, createdAt) => {
      const message = { parts, metadata, createdAt, editOf: "a", turnId: "b" };
      const text = JSON.stringify(toPortable(message));
      expect(fromPortable(JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(message)));
    }),
  );
});

test("a time that is none is not taken for one", () => {
  for (const time of ["yesterday", "2026-01-01", "2026-13-01T00:00:00Z", ""])
    expect(fromPortable({ created_at: time })).toEqual({ createdAt: NaN });
});
