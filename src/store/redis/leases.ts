import type { Lease } from "../lease.ts";
import { runForStore } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { idOf, nameOf } from "./names.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

export async function acquireLease(
  backend: Backend,
  key: string,
  holder: string,
  ttlMs: number,
): Promise<{ readonly isMine: boolean; readonly lease: Lease }> {
  const args = [nameOf(key), nameOf(holder), String(Math.ceil(ttlMs)), backend.instance];
  const [isMine, held, fence, ends] = listOf(await runForStore(backend, SCRIPTS.acquire, ...args));
  return {
    isMine: numberOf(isMine) === 1,
    lease: {
      key,
      holder: idOf(textOf(held)),
      fence: numberOf(fence),
      expiresAt: numberOf(ends),
    },
  };
}

export async function releaseLease(backend: Backend, { key, holder, fence }: Lease): Promise<void> {
  await runForStore(backend, SCRIPTS.release, nameOf(key), nameOf(holder), String(fence));
}
