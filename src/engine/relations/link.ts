import { checkId } from "../../model/check.ts";
import { checkJsonSize } from "../../model/check-size.ts";
import { decide } from "../../model/decide/decide.ts";
import { decideUnlink } from "../../model/decide/link.ts";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import { NO_FACTS } from "../../model/facts.ts";
import { isJsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import { isOfFamily, leadsUp, otherSide } from "../../model/link.ts";
import type { Principal } from "../../model/principal.ts";
import { threadOf } from "../../model/thread.ts";
import type { Thread, ThreadLink } from "../../model/thread.ts";
import type { WriteOptions } from "../call.ts";
import { principalOf, write } from "../core.ts";
import type { Core } from "../core.ts";
import type { Beside } from "../request.ts";
import { proveNoCircle } from "./ancestors.ts";
import type { LinkInput } from "./relation-calls.ts";

// Ancestors that change while they are looked at are rare.
const ATTEMPTS = 5;

export async function link(
  core: Core,
  base: Principal,
  threadId: string,
  input: LinkInput,
  options?: WriteOptions,
): Promise<Thread> {
  const principal = principalOf(base, options);
  const asked = checkedLink(threadId, input);
  const { kind, threadId: other } = asked;
  if (kind === "fork" || kind === "fork-of")
    throw new SkeinError("invalid_request", "A fork is made by forking, not by linking.", {
      field: "kind",
    });
  const { tenant } = principal;
  const mirrored = { ...asked, kind: otherSide(kind), threadId };
  const otherKey = { tenant, id: other };
  for (let attempt = 1; ; attempt++) {
    const [parent, child] = leadsUp(kind) ? [other, threadId] : [threadId, other];
    const ancestors = isOfFamily(kind) ? await proveNoCircle(core, tenant, parent, child) : [];
    const addMirrored: Beside = {
      key: otherKey,
      decide: (head, context) =>
        decide(head, { type: "link.add", link: mirrored }, NO_FACTS, context),
    };
    try {
      const { head } = await write(core, {
        principal,
        threadId,
        command: { type: "link.add", link: asked },
        options,
        beside: [...ancestors, addMirrored],
      });
      return threadOf(head);
    } catch (error) {
      // What the caller expected of the thread has a field; ancestors that changed have none.
      const isOutdated = isSkeinError(error, "version_conflict") && error.field === undefined;
      if (!isOutdated || attempt === ATTEMPTS) throw error;
    }
  }
}

export async function unlink(
  core: Core,
  base: Principal,
  threadId: string,
  input: Pick<LinkInput, "kind" | "threadId">,
  options?: WriteOptions,
): Promise<Thread> {
  const principal = principalOf(base, options);
  const { kind, threadId: other } = checkedLink(threadId, input);
  const mirrored = { kind: otherSide(kind), threadId };
  const { head } = await write(core, {
    principal,
    threadId,
    command: { type: "link.remove", kind, threadId: other },
    options,
    beside: [
      {
        key: { tenant: principal.tenant, id: other },
        decide: (now, context) => decideUnlink(now, mirrored, context),
      },
    ],
  });
  return threadOf(head);
}

function checkedLink(threadId: string, { kind, threadId: other, data }: LinkInput): ThreadLink {
  checkId(kind, "kind");
  checkId(otherSide(kind), "kind");
  checkId(other, "thread_id");
  if (other === threadId)
    throw new SkeinError("invalid_request", "A thread cannot be linked with itself.", {
      field: "thread_id",
    });
  if (data === undefined) return { kind, threadId: other };
  if (!isJsonObject(data))
    throw new SkeinError("invalid_request", "data must be an object.", { field: "data" });
  checkJsonSize(data, "data", LIMITS.linkDataBytes);
  return { kind, threadId: other, data };
}
