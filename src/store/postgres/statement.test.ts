import { expect, test } from "vitest";
import { statementOf } from "./statement.ts";

test("every value says its type, and NULL is part of the text", () => {
  const parameters = ["a", 1, null, new Uint8Array([7])];
  const statement = statementOf({ sql: "SELECT ?, ?, ?, ?", parameters, want: "rows" });
  expect(statement.text).toBe("SELECT $1::text, $2::bigint, NULL, $3::bytea");
  expect(statement.values).toEqual(["a", 1, new Uint8Array([7])]);
});

test("a numbered parameter is sent once, however often the text has it", () => {
  const sql = "SELECT ?2 WHERE ?1 = ?2 OR ?3 IS NULL";
  const statement = statementOf({ sql, parameters: ["a", "b", null], want: "rows" });
  expect(statement.text).toBe("SELECT $1::text WHERE $2::text = $1::text OR NULL IS NULL");
  expect(statement.values).toEqual(["b", "a"]);
});

test("an insert answers the number of its row", () => {
  const ask = { sql: "INSERT INTO t VALUES (?)", parameters: [1n], want: { column: "tid" } };
  expect(statementOf(ask)).toEqual({
    text: "INSERT INTO t VALUES ($1::bigint) RETURNING tid",
    values: ["1"],
  });
});
