import type { Reply } from "../reply.ts";
import type { Thread } from "../../model/thread.ts";
import { threadToWire } from "./thread-to-wire.ts";

type Headers = Readonly<Record<string, string>>;

const JSON_HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;

export function json(body: unknown, status = 200, headers: Headers = {}): Reply {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) };
}

export function noContent(headers: Headers = {}): Reply {
  return { status: 204, headers: { "cache-control": "no-store", ...headers }, body: null };
}

/** A thread's header, with its version as ETag. */
export function threadResponse(thread: Thread, status = 200): Reply {
  return json(threadToWire(thread), status, etagOf(thread.version));
}

export function etagOf(version: number): Headers {
  return { etag: `"${version}"` };
}

/** The `Link` header to other pages of a list: the same URL with other parameters. Absent ones are left out. */
export function pageLinks(
  url: string,
  pages: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>,
): Headers {
  const links = Object.entries(pages).flatMap(([rel, parameters]) => {
    if (parameters === undefined) return [];
    const { pathname, searchParams } = new URL(url);
    for (const name of ["cursor", "offset", "before", "after"]) searchParams.delete(name);
    for (const [name, value] of Object.entries(parameters)) searchParams.set(name, value);
    return [`<${pathname}?${searchParams.toString()}>; rel="${rel}"`];
  });
  return links.length === 0 ? {} : { link: links.join(", ") };
}

/** The next page of a list with a cursor. */
export function nextLink(url: string, cursor: string | undefined): Headers {
  return pageLinks(url, { next: cursor === undefined ? undefined : { cursor } });
}
