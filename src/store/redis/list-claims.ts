import type { Operation, ThreadClaims, ThreadKey } from "../store.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { parse } from "./decode-entry.ts";
import { idOf, nameOf } from "./names.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

/** Costs what it answers. */
export async function listClaims(
  backend: Backend,
  { tenant, id }: ThreadKey,
  from: number,
  to: number,
): Promise<ThreadClaims> {
  const args = [nameOf(id), String(from), String(to)];
  const [given, operations] = listOf(await runFor(backend, tenant, SCRIPTS.listClaims, ...args));
  const pairs = listOf(given);
  return {
    givenIds: pairs.flatMap((name, index) =>
      index % 2 === 0 ? [{ id: idOf(textOf(name)), version: numberOf(pairs[index + 1]) }] : [],
    ),
    operations: listOf(operations).map((done) => parse<Operation>(textOf(done))),
  };
}
