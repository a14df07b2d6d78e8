import type { Entry } from "../../model/entry.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { KeptMessage } from "../trim.ts";

/** Ids of the threads that a thread may have messages of: they are brought before it. */
export function originsOf(
  { profile, branches }: ThreadHead,
  first: Entry | undefined,
  kept: readonly KeptMessage[],
): readonly string[] {
  const from = first?.op === "thread.create" ? first.data.from : undefined;
  const segments = [
    from?.head.segment,
    ...Object.values(branches).map(({ segment }) => segment),
    ...(profile.trim?.floors ?? []).map(({ segment }) => segment),
    ...kept.map(({ place }) => place?.continues?.segment),
  ];
  const ids = segments.map((segment) => segment?.threadId);
  const all = new Set([profile.forkedFrom?.threadId, from?.threadId, ...ids]);
  return [...all].flatMap((id) => (id === undefined || id === profile.id ? [] : [id]));
}
