import type { Clock } from "../engine/clock.ts";
import type { Store } from "../store/store.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Endpoint, Late } from "./endpoint.ts";
import { failureOf } from "./circuit.ts";
import { retryDelay } from "./retry-delay.ts";
import type { Send } from "./sender.ts";
import { threadMessages } from "./thread-messages.ts";
import type { Failure } from "./webhook.ts";

const GONE = 410;

/** What a delivery needs beside the endpoint. */
export interface DeliveryServices {
  readonly store: Store;
  /** Whose threads. */
  readonly tenant: string;
  readonly dead: DeadLetters;
  readonly send: Send;
  readonly delaysMs: readonly number[];
  readonly clock: Clock;
}

/** Hears how it goes, and says whether to go on. */
export interface DeliveryWatch {
  /** Asked before every message. */
  mayGoOn(): boolean;
  succeeded(): void;
  failed(failure: Failure): void;
  gaveUp(): void;
  /** The endpoint wants nothing any more. */
  isGone(): void;
}

/** Sends what a thread has for an endpoint, in order, until one message is not taken.
 *  @returns where to go on; `undefined` when it is caught up */
export async function deliverThread(
  { store, tenant, dead, send, delaysMs, clock }: DeliveryServices,
  { endpoint, late }: { readonly endpoint: Endpoint; readonly late: Late },
  watch: DeliveryWatch,
): Promise<Late | undefined> {
  const { id, settings, progress } = endpoint;
  const key = { tenant, id: late.threadId };
  const { until } = late;
  const asked = { store, endpointId: id, filter: settings, key, from: late, until };
  // A probe before its time is no try.
  const isCounted = late.nextAt <= clock();
  let { tries, failure } = late;
  for await (const message of threadMessages({ ...asked, notBefore: progress.notBefore })) {
    const { version, slot, event } = message;
    const isSame = version === late.version && slot === late.slot;
    if (!isSame) [tries, failure] = [0, null];
    const here = { ...late, version, slot, event };
    if (!watch.mayGoOn())
      return { ...here, tries, failure, nextAt: isSame ? late.nextAt : clock() };
    const result = await send(endpoint, message);
    if (result.isOk) {
      watch.succeeded();
      continue;
    }
    const now = clock();
    failure = failureOf(now, result);
    watch.failed(failure);
    if (result.status === GONE) watch.isGone();
    if (isSame && !isCounted) return { ...here, tries, failure };
    tries += 1;
    const delay = retryDelay(delaysMs, tries, result.retryAfterMs);
    if (delay !== undefined) return { ...here, tries, failure, nextAt: now + delay };
    await dead.add(endpoint, message, tries, failure);
    watch.gaveUp();
  }
  return undefined;
}
