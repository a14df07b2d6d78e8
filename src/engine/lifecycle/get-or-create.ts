import { isSkeinError, SkeinError } from "../../model/error.ts";
import { expiresAt } from "../../model/lifetime.ts";
import { userOf } from "../../model/principal.ts";
import type { Principal } from "../../model/principal.ts";
import { threadOf } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { WriteOptions } from "../call.ts";
import { principalOf } from "../core.ts";
import type { Core } from "../core.ts";
import { digestOf } from "../digest.ts";
import type { CreateInput } from "../create-input.ts";
import { create, requireRead } from "../threads.ts";
import { aliasOf } from "./alias-of.ts";
import type { OpenInput, Opened } from "./lifecycle-calls.ts";

// Each time another caller was faster.
const ATTEMPTS = 20;

const SESSION: CreateInput = { kind: "session", expiresIn: "24h", sliding: true };

/** The threads of an alias have ids that follow from it and from their number: the first one, the one after that was deleted
 *  or expired, and so on. The store takes each id once, so that all who ask at the same time get the same thread. */
export async function getOrCreate(
  core: Core,
  base: Principal,
  input: OpenInput,
  options: WriteOptions = {},
): Promise<Opened> {
  const alias = aliasOf(input);
  const user = "user" in input ? { userId: input.user } : {};
  const asking = { ...options, ...user };
  const principal = principalOf(base, asking);
  requireRead(principal);
  const owner = userOf(principal);
  const idAt = (number: number): string =>
    `th_${digestOf(["alias", principal.tenant, owner, alias, number]).slice(0, 32)}`;
  const loadAt = (numbers: readonly number[]): Promise<readonly (ThreadHead | null)[]> =>
    core.store.loadHeads(numbers.map((number) => ({ tenant: principal.tenant, id: idAt(number) })));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { number, head } = await newest(loadAt);
    if (head !== null && isOpen(core, head, owner)) return { thread: threadOf(head), isNew: false };
    try {
      const named = { id: idAt(number + 1), alias };
      const made = await create(core, base, firstOf(input), asking, named);
      return { thread: made.thread, isNew: true };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw new SkeinError("store_busy", `Alias ${alias} is asked for by too many at once. Try again.`);
}

type Named = Partial<
  Record<"alias" | "user" | "topic" | "project" | "feature" | "session", string>
>;

function firstOf(input: OpenInput): CreateInput {
  const {
    alias: _alias,
    user: _user,
    topic: _topic,
    project: _project,
    feature: _feature,
    session,
    ...rest
  }: CreateInput & Named = input;
  if (session === undefined) return rest;
  const hasEnd = rest.expiresIn !== undefined || rest.expiresAt !== undefined;
  return hasEnd ? { kind: "session", ...rest } : { ...SESSION, ...rest };
}

// Somebody else's under this id was made to be in the way.
function isOpen({ clock }: Core, head: ThreadHead, owner: string): boolean {
  const { expiry, hold, deletedAt, owner: found } = head.profile;
  const end = expiresAt(expiry, head.activity.updatedAt);
  const isOver = end !== null && hold === undefined && end <= clock();
  return found === owner && deletedAt === null && !isOver;
}

function isTaken(error: unknown): boolean {
  return (
    isSkeinError(error, "id_conflict") ||
    isSkeinError(error, "thread_not_found") ||
    isSkeinError(error, "thread_deleted")
  );
}

/** The last one of those that there are, which are numbered without gaps; −1 if there is none. */
async function newest(
  loadAt: (numbers: readonly number[]) => Promise<readonly (ThreadHead | null)[]>,
): Promise<{ readonly number: number; readonly head: ThreadHead | null }> {
  let found: { readonly number: number; readonly head: ThreadHead | null } = {
    number: -1,
    head: null,
  };
  // Ever wider steps, then ever closer ones.
  let end: number | undefined;
  for (let step = 1; end === undefined || end - found.number > 1; step *= 16) {
    const from = found.number;
    const numbers =
      end === undefined
        ? [1, 2, 4, 8].map((part) => from + step * part)
        : [...new Set([1, 2, 3].map((part) => from + Math.ceil(((end ?? 0) - from) * (part / 4))))];
    const heads = await loadAt(numbers);
    for (const [at, number] of numbers.entries()) {
      const head = heads[at] ?? null;
      if (head === null) {
        end = Math.min(end ?? number, number);
        break;
      }
      found = { number, head };
    }
  }
  return found;
}
