import type { CallOptions, WriteOptions } from "../../engine/engine.ts";
import { SkeinError } from "../../model/error.ts";
import { isJsonObject } from "../../model/json.ts";
import { wireId, wireUser } from "../../protocol/schema.ts";
import type { Caller, HeaderReader } from "../auth.ts";
import { validate } from "./validate.ts";

/** On whose behalf the request acts: `X-Skein-User`, or `user_id` in the body. Throws `forbidden` when the key is another user's. */
export function actingUser(caller: Caller, headers: HeaderReader, body: unknown): CallOptions {
  const named = headers.get("x-skein-user");
  const fromHeader =
    named === null ? undefined : validate(wireUser, named, "The header", "X-Skein-User");
  const given = isJsonObject(body) ? body["user_id"] : undefined;
  const fromBody = typeof given === "string" ? given : undefined;
  if (fromHeader !== undefined && fromBody !== undefined && fromHeader !== fromBody)
    throw new SkeinError("invalid_request", "user_id and X-Skein-User name different users.", {
      field: "user_id",
    });
  const asked = fromHeader ?? fromBody;
  if (caller.user !== null && asked !== undefined && asked !== caller.user)
    throw new SkeinError("forbidden", `This key acts for ${caller.user} only.`, {
      field: fromHeader === undefined ? "user_id" : "X-Skein-User",
    });
  const user = caller.user ?? asked;
  return user === undefined ? {} : { userId: user };
}

/** `Idempotency-Key`, `If-Match`, `expected_version` and `expected_head` of a write. */
export function preconditionsOf(headers: HeaderReader, body: unknown): WriteOptions {
  const key = headers.get("idempotency-key");
  const opId =
    key === null
      ? undefined
      : validate(wireId, key.replace(/^"(.*)"$/, "$1"), "The header", "Idempotency-Key");
  const matched = ifMatch(headers);
  const given = isJsonObject(body) ? body["expected_version"] : undefined;
  const expected = typeof given === "number" ? given : undefined;
  if (matched !== undefined && expected !== undefined && matched !== expected)
    throw new SkeinError(
      "invalid_request",
      "expected_version and If-Match name different versions.",
      {
        field: "expected_version",
      },
    );
  const expectedVersion = matched ?? expected;
  const head = isJsonObject(body) ? body["expected_head"] : undefined;
  return {
    ...(opId !== undefined && { opId }),
    ...(expectedVersion !== undefined && { expectedVersion }),
    ...((typeof head === "string" || head === null) && { expectedHead: head }),
  };
}

/** The version in `If-Match`; `*` and no header ask for none. */
export function ifMatch(headers: HeaderReader): number | undefined {
  const value = headers.get("if-match");
  if (value === null || value.trim() === "*") return undefined;
  const version = /^\s*(?:W\/)?"(\d{1,16})"\s*$/.exec(value)?.[1];
  if (version === undefined)
    throw new SkeinError("invalid_request", 'If-Match must be an ETag of the thread, like "12".', {
      field: "If-Match",
    });
  return Number(version);
}

/** True when the client has this version already. */
export function isKnown(headers: HeaderReader, version: number): boolean {
  const value = headers.get("if-none-match");
  if (value === null) return false;
  return value
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""))
    .some((tag) => tag === "*" || tag === `"${version}"`);
}
