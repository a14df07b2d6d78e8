import type { IncomingMessage } from "node:http";
import { SMALL_BYTES } from "./body.ts";

/** A path and a query that no URL parser would change: without escapes and dot segments in the path. */
const PLAIN_URL = /^((?:\/(?!\.\.?(?:[/?]|$))[\w.:~-]+)+)(?:\?[\w.:~=&+,-]*)?$/;

const PLAIN_HOST = /^[a-z0-9._-]+(?::[1-5]?\d{4})?$/;

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/** The path of a request that means the same however it is read: an ordinary URL, no header twice, and at most a small body of
 *  known length. `undefined` for all others. */
export function plainPathOf({
  method = "",
  url = "",
  headers,
  rawHeaders,
}: IncomingMessage): string | undefined {
  if (!METHODS.has(method) || !PLAIN_HOST.test(headers.host ?? "")) return undefined;
  if (headers["transfer-encoding"] !== undefined) return undefined;
  if (Number(headers["content-length"] ?? 0) > SMALL_BYTES) return undefined;
  if (Object.keys(headers).length * 2 !== rawHeaders.length) return undefined;
  return PLAIN_URL.exec(url)?.[1];
}
