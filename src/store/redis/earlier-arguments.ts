import type { Operation, ThreadWrite } from "../store.ts";
import { nameOf } from "./names.ts";
import { runVerb } from "./run-arguments.ts";

/** A user may be called anything, so the parts are quoted. */
export function operationName(user: string, opId: string): string {
  return JSON.stringify([user, opId]);
}

/** All ids that the write claims, also those of before the log that it brings. */
export function givenIdsOf({ givenIds, earlier }: ThreadWrite): readonly string[] {
  return [...givenIds, ...(earlier?.givenIds ?? []).map(({ id }) => id)];
}

/** All operations that the write carries out, or brings as done. */
export function operationsOf({ operation, earlier }: ThreadWrite): readonly Operation[] {
  return [...(earlier?.operations ?? []), ...(operation === undefined ? [] : [operation])];
}

export function operationArguments(operation: Operation): readonly string[] {
  const { user, opId, toVersion } = operation;
  return [operationName(user, opId), String(toVersion), JSON.stringify(operation)];
}

/** What there is beside messages of before the log, as the script's verbs. They come before all others. */
export function earlierArguments({ earlier }: ThreadWrite): readonly string[] {
  if (earlier === undefined) return [];
  const { givenIds, runs, steps } = earlier;
  return [
    ...givenIds.flatMap(({ id, version }) => ["claim", nameOf(id), String(version)]),
    // Before whatever begins at a version of the log.
    ...runs.flatMap((run, at) => runVerb(run, false, String(at - runs.length))),
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
