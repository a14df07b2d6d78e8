import type { LiveBus } from "../store/live-bus.ts";
import { usageError } from "./arguments.ts";
import { withoutSecrets } from "./open-store.ts";

/** The bus at an address; `null` for `none`, `undefined` for the store's own. Nothing is connected yet. */
export async function busAt(
  address: string | LiveBus | undefined,
): Promise<LiveBus | null | undefined> {
  if (typeof address !== "string") return address;
  if (address === "none") return null;
  const scheme = /^([a-z]+):/.exec(address)?.[1] ?? "";
  if (scheme === "redis" || scheme === "rediss") {
    const { redisBus } = await import("../store/redis/redis-bus.ts");
    return redisBus(address);
  }
  if (scheme === "postgres" || scheme === "postgresql") {
    const { postgresBus } = await import("../store/postgres/postgres-bus.ts");
    return postgresBus(address);
  }
  throw usageError(
    `The bus must be redis://…, postgres://… or none, not "${withoutSecrets(address)}".`,
    "bus",
  );
}
