import { SkeinError } from "../../model/error.ts";
import type { Caller } from "../auth.ts";

/** Callers choose ids in local mode only: with API keys an id that is taken would tell that somebody else's thread exists. */
export function refuseOwnId(caller: Caller, id: string | undefined): void {
  if (id === undefined || caller.isLocal) return;
  throw new SkeinError("forbidden", "With API keys the server makes the ids. Leave out id.", {
    field: "id",
  });
}
