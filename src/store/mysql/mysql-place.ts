import { SkeinError } from "../../model/error.ts";
import { PERCENT_HINT, readableUrl } from "../readable-url.ts";

/** Where a store is, without secrets but in `url`. */
export interface Place {
  /** What the driver is given. */
  readonly url: string;
  /** For people: `mysql host:3306/skein`. */
  readonly name: string;
  readonly connections: number;
}

const DEFAULT_CONNECTIONS = 8;

/** Reads `mysql://[user[:password]@]host[:port]/database[?connections=…]`; `mariadb:` is the same. */
export function parsePlace(address: string): Place {
  const spelled = address.replace(/^mariadb:/u, "mysql:");
  const url = readableUrl(spelled);
  if (url === undefined || url.protocol !== "mysql:" || url.pathname.length < 2)
    throw wrong(`A MySQL store is mysql://[user:password@]host[:port]/database. ${PERCENT_HINT}`);
  const connections = Number(url.searchParams.get("connections") ?? DEFAULT_CONNECTIONS);
  if (!Number.isInteger(connections) || connections < 2 || connections > 1_000)
    throw wrong("The option connections of a MySQL store is a number from 2 to 1000.");
  // What is left is the driver's.
  url.searchParams.delete("connections");
  const where = `${url.hostname}:${url.port === "" ? "3306" : url.port}${url.pathname}`;
  return { url: url.href, name: `mysql ${where}`, connections };
}

function wrong(message: string): SkeinError {
  return new SkeinError("invalid_request", message, { field: "store" });
}
