import { SkeinError } from "../../model/error.ts";
import { millisecondsIn } from "../duration.ts";
import { PERCENT_HINT, readableUrl } from "../readable-url.ts";

/** Where a store is, without secrets but in `url`. */
export interface Place {
  /** What the driver is given: credentials, host, port, database. */
  readonly url: string;
  /** For people: `redis host:6379/0`. */
  readonly name: string;
  readonly database: string;
  readonly prefix: string;
  readonly ttlMs?: number;
}

export interface RedisStoreOptions {
  /** Begins all keys, so that several stores fit into one database. Default `skein`. */
  readonly prefix?: string;
  /** Threads that this store creates are session threads: they go as a whole when nothing was written to them for this
   *  long. Milliseconds, or `30s`, `15m`, `24h`, `7d`. Default: threads stay. */
  readonly ttl?: number | string;
}

const DEFAULT_PREFIX = "skein";
// Beyond this a time is no longer an exact number.
const LONGEST_MS = 3_153_600_000_000;

/** Reads `redis[s]://[user[:password]@]host[:port][/database][?prefix=…&ttl=…]`. */
export function parsePlace(address: string, options: RedisStoreOptions): Place {
  const url = parseUrl(address);
  const database = /^\/?(\d*)$/u.exec(url.pathname)?.[1];
  if (database === undefined) throw wrong("The database of a Redis store is a number, as in /0.");
  for (const name of url.searchParams.keys())
    if (name !== "prefix" && name !== "ttl")
      throw wrong(`A Redis store has the options prefix and ttl, not "${name}".`);
  const prefix = options.prefix ?? url.searchParams.get("prefix") ?? DEFAULT_PREFIX;
  if (!/^[A-Za-z0-9._:-]{1,64}$/u.test(prefix))
    throw wrong("The prefix of a Redis store is 1 to 64 characters of [A-Za-z0-9._:-].");
  const ttl = options.ttl ?? url.searchParams.get("ttl") ?? undefined;
  url.search = "";
  url.hash = "";
  const where = `${url.hostname}:${url.port === "" ? "6379" : url.port}/${database || "0"}`;
  return {
    url: url.href,
    name: prefix === DEFAULT_PREFIX ? `redis ${where}` : `redis ${where} ${prefix}`,
    database: database || "0",
    prefix,
    ...(ttl !== undefined && { ttlMs: parseTtl(ttl) }),
  };
}

function parseUrl(address: string): URL {
  const url = readableUrl(address);
  const isRedis = url?.protocol === "redis:" || url?.protocol === "rediss:";
  if (url === undefined || !isRedis || url.hostname === "")
    throw wrong(
      `A Redis store is redis://[user:password@]host[:port][/database], or rediss://…. ${PERCENT_HINT}`,
    );
  return url;
}

function parseTtl(ttl: number | string): number {
  // In an address a number without a unit is text, too.
  const text = String(ttl);
  const ms = /^\d+$/u.test(text) ? Number(text) : millisecondsIn(text);
  if (!Number.isSafeInteger(ms) || ms < 1 || ms > LONGEST_MS)
    throw wrong("The ttl of a Redis store is milliseconds, or a number with s, m, h or d: 24h.");
  return ms;
}

function wrong(message: string): SkeinError {
  return new SkeinError("invalid_request", message, { field: "store" });
}
