import { dueAtOf } from "../../model/lifetime.ts";
import { compareDue } from "../due-thread.ts";
import type { DuePlace } from "../due-thread.ts";
import type { MemoryData } from "./memory-data.ts";

export function listDueThreads(
  { tenants }: MemoryData,
  by: number,
  limit: number,
  after: DuePlace | null,
): readonly DuePlace[] {
  return [...tenants.values()]
    .flatMap(({ threads }) => [...threads.values()])
    .flatMap(({ key, head }) => {
      const dueAt = dueAtOf(head.profile);
      return dueAt === null || dueAt > by ? [] : [{ dueAt, key }];
    })
    .filter((place) => after === null || compareDue(place, after) > 0)
    .sort(compareDue)
    .slice(0, limit);
}
