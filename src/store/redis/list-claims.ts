import type { Operation, ThreadClaims, ThreadKey } from "../store.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { parse } from "./decode-entry.ts";
import { idOf, nameOf } from "./names.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

export async function listClaims(
  backend: Backend,
  { tenant, id }: ThreadKey,
  from: number,
  to: number,
): Promise<ThreadClaims> {
  const args = [nameOf(id), String(from), String(to)];
  const [given = null, operations = null] = listOf(
    await runFor(backend, tenant, SCRIPTS.listClaims, ...args),
  );
  return {
    givenIds: listOf(given)
      .map((reply) => {
        const [version = null, name = null] = listOf(reply);
        return { id: idOf(textOf(name)), version: numberOf(version) };
      })
      .sort((a, b) => a.version - b.version),
    operations: listOf(operations)
      .map((it) => parse<Operation>(textOf(it)))
      .filter(({ toVersion }) => toVersion >= from && toVersion <= to)
      .sort((a, b) => a.toVersion - b.toVersion),
  };
}
