import { expect, test } from "vitest";
import { paragraphs } from "./paragraphs.ts";

test("blank lines separate paragraphs, however many and with whatever spaces", () => {
  expect(paragraphs("one\nstill one\n\ntwo\n \t\n\n\nthree\n")).toEqual([
    "one\nstill one",
    "two",
    "three",
  ]);
});

test("line ends of every system and a byte order mark make no difference", () => {
  expect(paragraphs("\ufeffone\r\n\r\ntwo\r\rthree")).toEqual(["one", "two", "three"]);
});

test("indentation of the first line is kept", () => {
  expect(paragraphs("\n\n    code\n      more\n\nend")).toEqual(["    code\n      more", "end"]);
});

test("a text of nothing but space has no paragraph", () => {
  expect(paragraphs(" \n\n\t\n")).toEqual([]);
});
