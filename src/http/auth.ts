import { createHash, timingSafeEqual } from "node:crypto";
import { SkeinError } from "../model/error.ts";
import { isLoopbackName } from "./loopback.ts";

/** A key, and the user it stands for; `null` has all rights in its tenant and may act for any user. */
export interface ApiKey {
  readonly key: string;
  readonly user: string | null;
}

/** Who a request comes from, before it says for whom it acts. */
export interface Caller {
  /** The user of the key; `null` may act for any user. */
  readonly user: string | null;
  /** True without API keys: ids may be chosen and threads made by writing to them. */
  readonly isLocal: boolean;
}

/** Decides who asks. */
export interface Auth {
  /** `local`: no keys are configured, so only this machine is let in. */
  readonly mode: "local" | "keys";
  /** The caller behind the headers. Throws `unauthorized`, or `origin_refused` in local mode. */
  authenticate(headers: HeaderReader): Caller;
  /** Throws `origin_refused` in local mode when the Host or the Origin is another machine. */
  checkOrigin(headers: HeaderReader): void;
}

export interface HeaderReader {
  /** @param name  in lower case */
  get(name: string): string | null;
}

/** Reads `key:user,key:*`. An absent or empty text has no keys. Throws `invalid_request`, never with the key in it. */
export function parseApiKeys(text: string | undefined): readonly ApiKey[] {
  const items = (text ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  return items.map((item, index) => {
    const cut = item.indexOf(":");
    const key = item.slice(0, cut);
    const user = item.slice(cut + 1);
    if (cut < 1 || user === "" || user.length > 128)
      throw new SkeinError(
        "invalid_request",
        `Item ${index + 1} of SKEIN_API_KEYS must be key:user, or key:* for all users.`,
        { field: "SKEIN_API_KEYS" },
      );
    return { key, user: user === "*" ? null : user };
  });
}

/** Without keys: local mode. */
export function createAuth(keys: readonly ApiKey[]): Auth {
  if (keys.length === 0)
    return {
      mode: "local",
      checkOrigin: refuseForeign,
      authenticate: (headers) => {
        refuseForeign(headers);
        return { user: null, isLocal: true };
      },
    };
  const known = keys.map(({ key, user }) => ({ digest: digestOf(key), user }));
  return {
    mode: "keys",
    checkOrigin: () => {},
    authenticate: (headers) => {
      const given = keyIn(headers);
      if (given === null)
        throw new SkeinError(
          "unauthorized",
          "Send an API key as Authorization: Bearer … or as X-API-Key.",
        );
      const digest = digestOf(given);
      let found: { readonly user: string | null } | undefined;
      // Every key is compared, so that the time does not tell which one matched.
      for (const candidate of known)
        if (timingSafeEqual(candidate.digest, digest)) found = candidate;
      if (found === undefined)
        throw new SkeinError("unauthorized", "The API key is not one of this server's.");
      return { user: found.user, isLocal: false };
    },
  };
}

/** Refuses to listen beyond this machine without keys. Throws `invalid_request` with what to do. */
export function assertBindable(host: string, keys: readonly ApiKey[]): void {
  if (keys.length > 0 || isLoopbackName(host)) return;
  throw new SkeinError(
    "invalid_request",
    `Refusing to listen on ${host} without API keys: anybody who reaches this machine could read and write every thread. Set SKEIN_API_KEYS=key:user, or SKEIN_HOST=127.0.0.1.`,
    { field: "SKEIN_HOST" },
  );
}

function refuseForeign(headers: HeaderReader): void {
  const host = headers.get("host");
  if (host === null || !isLoopbackName(hostnameOf(host)))
    throw new SkeinError(
      "origin_refused",
      "Without API keys this server answers only to localhost and 127.0.0.1. Configure SKEIN_API_KEYS to serve other hosts.",
      { field: "Host" },
    );
  const origin = headers.get("origin");
  if (origin === null) return;
  if (!isOwnPage(origin))
    throw new SkeinError(
      "origin_refused",
      "Without API keys this server refuses requests from pages of other origins.",
      { field: "Origin" },
    );
}

// An extension's or an app's origin may have a loopback name too.
function isOwnPage(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return (protocol === "http:" || protocol === "https:") && isLoopbackName(hostname);
}

function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, "");
}

function keyIn(headers: HeaderReader): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return bearer ?? headers.get("x-api-key");
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
