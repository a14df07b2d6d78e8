import { expect, test } from "vitest";
import { jsonWithoutPasswords, withoutPassword } from "./without-passwords.ts";

test("an address loses user and password, whatever its scheme", () => {
  expect(withoutPassword("redis://:secret@db.example:6379/0")).toBe("redis://db.example:6379/0");
  expect(withoutPassword("postgres://a:b%40c@db.example/x?y=1")).toBe(
    "postgres://db.example/x?y=1",
  );
  expect(withoutPassword("https://token@files.example/a")).toBe("https://files.example/a");
  expect(withoutPassword("mongodb://a:b@one.example,two.example/x")).not.toContain("a:b");
});

test("words and addresses without a password stay as they are", () => {
  for (const text of [
    "",
    "mail me@home.example",
    "https://files.example/a@b",
    "https://files.example?to=me@home",
    "see https://a:b@c.example for more",
  ])
    expect(withoutPassword(text)).toBe(text);
});

test("addresses anywhere in JSON lose their passwords", () => {
  const value = { a: ["redis://u:p@h/0", { b: "ok" }], n: 1, t: true, z: null };
  expect(jsonWithoutPasswords(value)).toEqual({ ...value, a: ["redis://h/0", { b: "ok" }] });
});
