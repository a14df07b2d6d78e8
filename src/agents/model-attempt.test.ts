import { expect, test } from "vitest";
import { SkeinError } from "../model/error.ts";
import { attemptModel } from "./model-attempt.ts";
import type { Attempt, AttemptOutcome } from "./model-attempt.ts";
import type { Model, ModelEvent, ModelRequest } from "./models/model.ts";
import type { Piece } from "./streamed-parts.ts";

const never = new Promise<never>(() => {});

function attempt(stream: Model["stream"], change: Partial<Attempt> = {}): Promise<AttemptOutcome> {
  const request: ModelRequest = {
    system: undefined,
    messages: [],
    tools: [],
    signal: new AbortController().signal,
    speakerLabels: false,
    loadBlob: () => never,
  };
  const model: Model = { id: "test", supports: () => false, stream };
  return attemptModel({ model, request, takenCallIds: [], onPiece: async () => {}, ...change });
}

const end: ModelEvent = {
  type: "step-end",
  parts: [],
  finish: "stop",
  usage: undefined,
  model: "test",
};

test("a model that falls silent has failed, and may be asked again", async () => {
  const outcome = await attempt(
    async function* () {
      yield { type: "text-delta", part: 0, text: "Hm" };
      await never;
    },
    { silenceMs: 5 },
  );
  expect(outcome).toMatchObject({ kind: "failed", error: { code: "timeout" } });
});

test("a stream that ends without its last event has failed, and may be asked again", async () => {
  const outcome = await attempt(async function* () {
    yield { type: "text-delta", part: 0, text: "Hm" };
  });
  expect(outcome).toMatchObject({
    kind: "failed",
    error: { code: "model_error", details: { isRetryable: true } },
  });
});

test("a model that throws before it streams has failed", async () => {
  const outcome = await attempt(() => {
    throw new RangeError("no such model");
  });
  expect(outcome).toMatchObject({
    kind: "failed",
    error: { code: "model_error", message: "The model failed: no such model" },
  });
});

test("an error of ours is passed on as it is", async () => {
  const error = new SkeinError("unsupported_part", "No pictures.");
  const outcome = await attempt(() => {
    throw error;
  });
  expect(outcome).toEqual({ kind: "failed", error });
});

test("a piece that cannot be written ends the stream and is thrown", async () => {
  let isClosed = false;
  const failing = attempt(
    async function* () {
      try {
        yield { type: "text-delta", part: 0, text: "Hm" };
        yield end;
      } finally {
        isClosed = true;
      }
    },
    { onPiece: () => Promise.reject(new Error("disk")) },
  );
  await expect(failing).rejects.toThrow("disk");
  await new Promise(setImmediate);
  expect(isClosed).toBe(true);
});

test("a call gets an id of its own, everywhere in the step", async () => {
  const pieces: Piece[] = [];
  const outcome = await attempt(
    async function* () {
      for (const part of [0, 1]) {
        yield { type: "tool-call-start", part, callId: "c", name: "clock" };
        yield { type: "tool-input-delta", part, callId: "c", text: "{}" };
      }
      const call = { type: "tool-call", callId: "c", name: "clock", inputText: "{}" } as const;
      yield { ...end, parts: [call, call], finish: "tool-calls" };
    },
    {
      takenCallIds: ["c"],
      onPiece: async (piece) => {
        pieces.push(piece);
      },
    },
  );
  expect(pieces.map(({ callId }) => callId)).toEqual(["c_2", "c_2", "c_3", "c_3"]);
  expect(outcome).toMatchObject({ parts: [{ callId: "c_2" }, { callId: "c_3" }] });
});
