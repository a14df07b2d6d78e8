import { expect, test } from "vitest";
import { parsePlace as parseMysqlPlace } from "../mysql/mysql-place.ts";
import { parsePlace } from "./postgres-place.ts";

test("an address is named without what is secret in it, and keeps what is the driver's", () => {
  const direct = encodeURIComponent("postgres://u:secret@beside/skein");
  const place = parsePlace(
    `postgres://u:secret@db:6432/skein?sslmode=require&connections=3&prepare=yes&direct_url=${direct}`,
  );
  expect(place).toEqual({
    url: "postgres://u:secret@db:6432/skein?sslmode=require",
    directUrl: "postgres://u:secret@beside/skein",
    name: "postgres db:6432/skein",
    connections: 3,
    prepares: true,
  });
});

test("statements have no names unless the address asks for them", () => {
  expect(parsePlace("postgres://u@db/skein")).toMatchObject({ prepares: false });
});

test("mariadb: is another spelling of mysql:", () => {
  const place = parseMysqlPlace("mariadb://u:secret@db/skein");
  expect(place).toMatchObject({ url: "mysql://u:secret@db/skein", name: "mysql db:3306/skein" });
});

test.each([
  () => parsePlace("postgres://u:secret@[db/skein"),
  () => parsePlace("postgres://u:secret%zz@db/skein"),
  () => parsePlace("postgres://u:secret@db/skein?direct_url=mysql%3A%2F%2Fu%3Asecret%40db%2Fskein"),
  () => parsePlace("postgres://u:secret@db/skein?connections=none"),
  () => parsePlace("postgres://u:secret@db/skein?direct_url=secret"),
  () => parsePlace("postgres://u:secret@db/skein?prepare=secret"),
  () => parseMysqlPlace("mysql://u:secret@db"),
  () => parseMysqlPlace("mysql://u:secret%zz@db/skein"),
  () => parseMysqlPlace("mysql://u:secret@db/skein?connections=1"),
])("an address that is wrong is refused in one sentence that does not repeat it", (parse) => {
  expect(parse).toThrow(/^(?!.*secret)A[^\n]+\.$|^(?!.*secret)The[^\n]+\.$/u);
});
