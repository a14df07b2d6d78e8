import { expect, test } from "vitest";
import { startServer } from "./server.ts";

/** Written as JSON, because 1e999 is no number in JavaScript. */
const POSITIONS = ["1.5", "1e999", "-1", "9007199254740992", "null", '"1"', "[]"];

test.each(["/threads?limit=1", "/search?q=findable&limit=1"])(
  "a cursor of %s that was forged to stand anywhere else is refused",
  async (list) => {
    await using server = await startServer({ store: "sqlite" });
    for (const title of ["findable one", "findable two"]) await server.post("/threads", { title });
    const first = await server.get(list);
    const given = /[?&]cursor=([\w-]+)/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    const json = Buffer.from(given, "base64url").toString();
    const at = (position: string): string =>
      Buffer.from(json.replace(/\d+(?=\]$)|(?<="updatedAt":)\d+/, position)).toString("base64url");
    const next = await server.get(`${list}&cursor=${at("1")}`);
    expect(next.status).toBe(200);
    for (const position of POSITIONS) {
      const { status, body } = await server.get(`${list}&cursor=${at(position)}`);
      expect([status, body.error.code, body.error.field]).toEqual([
        400,
        "invalid_cursor",
        "cursor",
      ]);
    }
    expect(server.faults).toEqual([]);
  },
);
