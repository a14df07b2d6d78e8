import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

let server: TestServer;
let thread: string;
beforeAll(async () => {
  server = await startServer();
  thread = (await server.post("/threads", {})).body.id;
});
afterAll(() => server.close());

const CONTENT = "message must be a text of at least 1 character or a list of 1 to 1000 parts.";
const text = (value: unknown): object => ({ message: [{ type: "text", text: value }] });
const call = (fields: object): object => ({
  message: [{ type: "tool_call", call_id: "c", name: "n", input_text: "{}", ...fields }],
});

test.each<readonly [string, unknown]>([
  ["The body must be a JSON object.", []],
  ["The body must be a JSON object.", 5],
  ["message is missing.", {}],
  [CONTENT, { message: "" }],
  [CONTENT, { message: [] }],
  [CONTENT, { message: 5 }],
  [CONTENT, { message: null }],
  ["message[0] must be a JSON object.", { message: ["a"] }],
  ["message[0].type is missing.", { message: [{}] }],
  ["message[0].text is missing.", { message: [{ type: "text" }] }],
  ["message[0].text must be a text.", text(1)],
  ["message[0].name must be a text of at least 1 character.", call({ name: "" })],
  ["message[0].name must be a text of at most 256 characters.", call({ name: "x".repeat(257) })],
  ["message[0].executor must be one of server, client, provider.", call({ executor: "me" })],
  ["The body has an unknown field mesage.", { message: "x", mesage: "y" }],
  ["run must be true or false.", { message: "x", run: "yes" }],
  ["expected_version must be a whole number.", { message: "x", expected_version: 1.5 }],
  ["expected_version must be a number of at least 0.", { message: "x", expected_version: -1 }],
  ["metadata must be a JSON object.", { message: "x", metadata: [] }],
  [
    "parent_id must be 1 to 128 characters of A-Z a-z 0-9 . _ : -.",
    { message: "x", parent_id: "a b" },
  ],
])("%s", async (sentence, body) => {
  const answer = await server.post(`/threads/${thread}/messages`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toBe(sentence);
});

test("an unknown kind of part is answered by the kinds that there are", async () => {
  const message = [{ type: "hologram" }];
  const { body } = await server.post(`/threads/${thread}/messages`, { message });
  expect(body.error.message).toMatch(/^message\[0\]\.type must be one of text, .*, file\.$/);
});

test("parameters are refused in the same way", async () => {
  const { body } = await server.get("/threads?limit=0");
  expect(body.error).toMatchObject({
    message: "limit must be a whole number from 1 to 200.",
    field: "limit",
  });
});
