import { expect, test } from "vitest";
import { answeredWithin } from "./answered-within.ts";

test("a server that never answers is given up, with an error that says to try again", async () => {
  const silence = new Promise<never>(() => undefined);
  await expect(answeredWithin("postgres host:1/db", silence, 5)).rejects.toMatchObject({
    code: "store_unavailable",
    message: "postgres host:1/db does not answer. Try again.",
    retryAfterMs: 1_000,
  });
});

test("what is answered in time is passed on, errors too", async () => {
  expect(await answeredWithin("x", Promise.resolve(7))).toBe(7);
  await expect(answeredWithin("x", Promise.reject(new Error("no")))).rejects.toThrow("no");
});
