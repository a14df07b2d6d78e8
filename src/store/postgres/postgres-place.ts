import { SkeinError } from "../../model/error.ts";
import { PERCENT_HINT, readableUrl } from "../readable-url.ts";

/** Where a store is, without secrets but in the two addresses. */
export interface Place {
  /** What the driver is given. */
  readonly url: string;
  /** Beside a pooler, for migrations and for listening. The same as `url` unless one was given. */
  readonly directUrl: string;
  /** For people: `postgres host:5432/skein`. */
  readonly name: string;
  readonly connections: number;
  /** Whether statements that come often have names, which a pooler must be able to follow. */
  readonly prepares: boolean;
}

const OPTIONS: ReadonlySet<string> = new Set(["direct_url", "connections", "prepare"]);
const DEFAULT_CONNECTIONS = 8;

/** Reads `postgres://[user[:password]@]host[:port]/database[?direct_url=…&connections=…&prepare=…&sslmode=…]`. */
export function parsePlace(address: string): Place {
  const url = postgresUrlOf(address);
  if (url === undefined)
    throw wrong(
      `A PostgreSQL store is postgres://[user:password@]host[:port]/database. ${PERCENT_HINT}`,
    );
  const connections = Number(url.searchParams.get("connections") ?? DEFAULT_CONNECTIONS);
  if (!Number.isInteger(connections) || connections < 2 || connections > 1_000)
    throw wrong("The option connections of a PostgreSQL store is a number from 2 to 1000.");
  const directUrl = url.searchParams.get("direct_url");
  if (directUrl !== null && postgresUrlOf(directUrl) === undefined)
    throw wrong("The option direct_url of a PostgreSQL store is another address of it.");
  const prepare = url.searchParams.get("prepare") ?? "no";
  if (prepare !== "yes" && prepare !== "no")
    throw wrong("The option prepare of a PostgreSQL store is yes or no.");
  // What is left is the driver's.
  for (const name of OPTIONS) url.searchParams.delete(name);
  const where = `${url.hostname}:${url.port === "" ? "5432" : url.port}${url.pathname}`;
  return {
    url: url.href,
    directUrl: directUrl ?? url.href,
    name: `postgres ${where}`,
    connections,
    prepares: prepare === "yes",
  };
}

function postgresUrlOf(address: string): URL | undefined {
  const url = readableUrl(address);
  return url !== undefined && /^postgres(?:ql)?:$/u.test(url.protocol) ? url : undefined;
}

function wrong(message: string): SkeinError {
  return new SkeinError("invalid_request", message, { field: "store" });
}
