import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { engineOver, importText, threadIds } from "./import-support.ts";

test.each([
  ["a ZIP archive", Buffer.from("PK\u0003\u0004 a bomb, perhaps"), /ZIP.*Unpack it first/],
  ["a compressed file", gzipSync("{}"), /compressed/],
  ["an empty file", "", /empty/],
  ["a text", "Dear diary", /not JSON/],
  ["a list that is cut off", '[{"uuid":"c","chat_me', /middle of a record/],
  ["an unknown object", '{"hello":"world"}', /nothing that Skein knows/],
  ["an object that is no JSON", '{"hello":\n nothing}', /not JSON/],
] as const)("%s is a problem of the file", async (_what, content, reason) => {
  const report = await importText(engineOver(), content);
  expect(report.problems).toEqual([
    expect.objectContaining({ file: "given", reason: expect.stringMatching(reason) }),
  ]);
});

test("deep nesting, a __proto__ and half a character are brought or refused, one by one", async () => {
  const engine = engineOver();
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const conversation = (uuid: string, content: string): string =>
    `{"uuid":"${uuid}","name":"${uuid}","chat_messages":[{"uuid":"m","sender":"human","content":[${content}]}]}`;
  const list = [
    conversation("deep", `{"type":"widget","value":${deep}}`),
    conversation("proto", `{"type":"widget","__proto__":{"isAdmin":true}}`),
    conversation("half", String.raw`{"type":"text","text":"a\ud800b"}`),
    conversation("good", `{"type":"text","text":"fine"}`),
  ];
  const report = await importText(engine, `[${list.join(",\n")}]`);
  expect(report.problems).toEqual([
    { file: "given", at: 1, reason: "The record is nested deeper than 500 levels." },
  ]);
  expect(Object.keys(await threadIds(engine)).toSorted()).toEqual(["good", "half", "proto"]);
});

test("ids that are paths or commands stay text", async () => {
  const engine = engineOver();
  const evil = "../../etc/passwd; rm -rf $HOME\n__proto__";
  const source = [
    { uuid: evil, name: evil, chat_messages: [{ uuid: evil, sender: "human", text: "hi" }] },
  ];
  expect(await importText(engine, JSON.stringify(source))).toMatchObject({ imported: 1 });
  const { items } = await engine.list();
  expect(items[0]?.id).toMatch(/^th_[0-9a-f]{32}$/);
  expect(items[0]?.metadata).toMatchObject({ source_id: evil });
});
