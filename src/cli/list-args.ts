import { LIMITS } from "../model/limits.ts";
import { integer } from "./arguments.ts";
import type { Output } from "./output.ts";

/** Flags of every list. */
export const LIST_ARGS = {
  limit: {
    type: "string",
    valueHint: "number",
    description: "At most so many, 1 to 200 (default 50)",
  },
  cursor: { type: "string", valueHint: "cursor", description: "Go on where an earlier page ended" },
} as const;

export function listInput(args: {
  readonly limit?: string | undefined;
  readonly cursor?: string | undefined;
}): { readonly limit?: number; readonly cursor?: string } {
  const limit = integer(args.limit, "limit", { from: 1, to: LIMITS.pageSize });
  return {
    ...(limit !== undefined && { limit }),
    ...(args.cursor !== undefined && { cursor: args.cursor }),
  };
}

/** Says on stderr how to get the next page. */
export function noteNextPage(output: Output, nextCursor: string | undefined): void {
  if (nextCursor === undefined) return;
  output.note(
    output.isJson
      ? JSON.stringify({ next_cursor: nextCursor })
      : output.notePaint.dim(`More: the same command with --cursor ${nextCursor}`),
  );
}
