import { expect, test } from "vitest";
import { parsePlace } from "./redis-url.ts";

test("an address says where the store is, and its name has no password", () => {
  const place = parsePlace("rediss://ann:s3cret@cache.example:7000/3?prefix=app&ttl=24h", {});
  expect(place).toEqual({
    url: "rediss://ann:s3cret@cache.example:7000/3",
    name: "redis cache.example:7000/3 app",
    database: "3",
    prefix: "app",
    ttlMs: 86_400_000,
  });
});

test("what an address leaves out has a default", () => {
  const place = parsePlace("redis://localhost", {});
  expect(place).toMatchObject({ name: "redis localhost:6379/0", database: "0", prefix: "skein" });
  expect(place.ttlMs).toBe(undefined);
});

test("options win over the address", () => {
  const place = parsePlace("redis://localhost/?prefix=a&ttl=1s", { prefix: "b", ttl: 250 });
  expect(place).toMatchObject({ prefix: "b", ttlMs: 250 });
});

test.each([
  ["nonsense", "A Redis store is redis://"],
  ["http://user:s3cret@host/0", "A Redis store is redis://"],
  ["redis://user:s3cret%zz@host/0", "A % in it is written %25."],
  ["redis://user:s3cret@host/threads", "a number, as in /0"],
  ["redis://user:s3cret@host/0/1", "a number, as in /0"],
  ["redis://user:s3cret@host/0?tll=24h", 'not "tll"'],
  ["redis://user:s3cret@host/0?prefix={a}", "1 to 64 characters"],
  ["redis://user:s3cret@host/0?prefix=", "1 to 64 characters"],
  ["redis://user:s3cret@host/0?ttl=soon", "24h"],
  ["redis://user:s3cret@host/0?ttl=0", "24h"],
  ["redis://user:s3cret@host/0?ttl=-5s", "24h"],
  ["redis://user:s3cret@host:99999/0", "A Redis store is redis://"],
])("%s is refused, and the password is not repeated", (address, sentence) => {
  const parse = (): unknown => parsePlace(address, {});
  expect(parse).toThrow(sentence);
  expect(parse).toThrow(expect.objectContaining({ code: "invalid_request", field: "store" }));
  expect(parse).not.toThrow("s3cret");
});
