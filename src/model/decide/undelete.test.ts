import { expect, test } from "vitest";
import { NO_FACTS } from "../facts.ts";
import { LIMITS } from "../limits.ts";
import { LOCAL_PRINCIPAL } from "../principal.ts";
import type { Command } from "../command.ts";
import type { ThreadHead } from "../thread.ts";
import { decide } from "./decide.ts";

function carriedOut(head: ThreadHead | null, command: Command, at: number): ThreadHead {
  const context = {
    threadId: "t",
    principal: LOCAL_PRINCIPAL,
    actor: "user:local",
    at,
    opId: "op",
    spareId: (slot: number) => `spare${slot}`,
  };
  return decide(head, command, NO_FACTS, context).head;
}

test("a deletion can be taken back for 30 days", () => {
  const created = carriedOut(null, { type: "create", owner: "local" }, 0);
  const deleted = carriedOut(created, { type: "delete" }, 1_000);
  const lastMoment = 1_000 + LIMITS.undeleteMs;
  expect(carriedOut(deleted, { type: "undelete" }, lastMoment).profile.deletedAt).toBe(null);
  expect(() => carriedOut(deleted, { type: "undelete" }, lastMoment + 1)).toThrow(
    "more than 30 days ago",
  );
});
