import { checkId, checkLimit } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import type { Principal } from "../model/principal.ts";
import type { SearchHit } from "../store/search.ts";
import { principalOf, readHead } from "./core.ts";
import type { Core } from "./core.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type { CallOptions, Page, SearchInput } from "./engine.ts";
import { requireRead } from "./threads.ts";

const TEXT_CHARACTERS = 1_000;

export async function search(
  core: Core,
  base: Principal,
  input: SearchInput,
  options?: CallOptions,
): Promise<Page<SearchHit> & { readonly indexLag: number }> {
  const principal = principalOf(base, options);
  requireRead(principal);
  if (!core.store.capabilities.search)
    throw new SkeinError(
      "unsupported_capability",
      `The store ${core.store.name} has no full-text search.`,
    );
  const { text, threadId, order = "rank" } = input;
  if (typeof text !== "string" || text.trim() === "" || text.length > TEXT_CHARACTERS)
    throw new SkeinError("invalid_request", `q must be 1 to ${TEXT_CHARACTERS} characters.`, {
      field: "q",
      details: { limit: TEXT_CHARACTERS },
    });
  const limit = checkLimit(input.limit);
  if (threadId !== undefined) {
    checkId(threadId, "thread_id");
    await readHead(core, principal, threadId);
  }
  const scope = ["search", principal.tenant, principal.user, text, threadId ?? null, order];
  const offset = readCursor(input.cursor, scope, isOffset) ?? 0;
  const page = await core.store.search(principal, {
    text,
    order,
    limit,
    offset,
    ...(threadId !== undefined && { threadId }),
  });
  return {
    items: page.hits,
    indexLag: page.indexLag,
    ...(page.hasMore && { nextCursor: writeCursor(scope, offset + page.hits.length) }),
  };
}

function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
