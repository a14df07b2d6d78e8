import { SkeinError } from "../model/error.ts";
import type { Store } from "../store/store.ts";
import type { DeadDelivery, DeadLetters } from "./dead-letters.ts";
import type { Endpoint } from "./endpoint.ts";
import { messageId } from "./events-of.ts";
import type { Delivery, ReplayFrom } from "./webhook.ts";

const PAGE = 200;

/** What has failed and is tried again, in the order in which that will be. */
export function waitingFor({ id, progress }: Endpoint): readonly DeadDelivery[] {
  return progress.late
    .toSorted((a, b) => a.nextAt - b.nextAt)
    .flatMap(({ threadId, version, slot, event, tries, nextAt, failure }) =>
      // Of the others nobody has looked yet what they are to be sent.
      event === null
        ? []
        : [
            {
              id: messageId(id, threadId, version, slot),
              event,
              threadId,
              version,
              slot,
              status: "waiting" as const,
              tries,
              nextAt,
              failure,
            },
          ],
    );
}

export function shownDelivery({ slot: _slot, ...delivery }: DeadDelivery): Delivery {
  return delivery;
}

/** Those that were not replayed yet, oldest first. */
export async function unreplayed(
  dead: DeadLetters,
  endpoint: Endpoint,
): Promise<readonly DeadDelivery[]> {
  const found: DeadDelivery[] = [];
  let cursor: string | undefined;
  do {
    const page = await dead.list(endpoint, {
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.items.filter(({ status }) => status === "dead"));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found.toReversed();
}

/** Where a replay begins.
 *  @throws SkeinError  `invalid_cursor`, `invalid_request` */
export async function startOf(
  from: ReplayFrom,
  store: Store,
  tenant: string,
): Promise<{ readonly cursor: string | null; readonly notBefore: number }> {
  if ("time" in from) {
    if (!Number.isSafeInteger(from.time) || from.time < 0)
      throw new SkeinError("invalid_request", "The time must be milliseconds since the epoch.", {
        field: "from",
      });
    return { cursor: null, notBefore: from.time };
  }
  const cursor = from.cursor === "0" ? null : from.cursor;
  await store.listFeed({ tenant, user: null }, { after: cursor, limit: 1 });
  return { cursor, notBefore: 0 };
}
