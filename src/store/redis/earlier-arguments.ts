import type { ThreadWrite } from "../store.ts";
import { nameOf } from "./names.ts";

/** A user may be called anything, so the parts are quoted. */
export function operationName(user: string, opId: string): string {
  return JSON.stringify([user, opId]);
}

/** All ids that the write claims, also those of before the log that it brings. */
export function givenIdsOf({ givenIds, earlier }: ThreadWrite): readonly string[] {
  return [...givenIds, ...(earlier?.givenIds ?? []).map(({ id }) => id)];
}

/** What there is beside messages of before the log, as the script's verbs. They come before all others. */
export function earlierArguments({ earlier }: ThreadWrite): readonly string[] {
  if (earlier === undefined) return [];
  const { givenIds, operations, runs, steps } = earlier;
  return [
    ...givenIds.flatMap(({ id, version }) => ["claim", nameOf(id), String(version)]),
    ...operations.flatMap((it) => [
      "operation",
      operationName(it.user, it.opId),
      JSON.stringify(it),
    ]),
    // Before whatever begins at a version of the log.
    ...runs.flatMap((run, at) => [
      "run",
      nameOf(run.id),
      JSON.stringify(run),
      String(at - runs.length),
      String(run.createdAt),
      "1",
    ]),
    // Every step took a version at least, so the log's own come behind.
    ...steps.flatMap((step, at) => [
      "step",
      nameOf(step.runId),
      nameOf(step.id),
      JSON.stringify(step),
      String(at + 1),
    ]),
  ];
}
