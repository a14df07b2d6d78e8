import { channelOf } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { loadDriver } from "./driver.ts";

const RECONNECT_MS = 500;

/** Calls back after commits of others. After every new connection too, because what was committed in between was told to
 *  nobody. Answers what ends it. */
export async function watchCommits(
  { place, instance }: Backend,
  onForeignCommit: () => void,
): Promise<() => void> {
  const { createClient } = await loadDriver();
  const client = createClient({
    url: place.url,
    RESP: 2,
    socket: { reconnectStrategy: RECONNECT_MS },
    maintNotifications: "disabled",
    disableClientInfo: true,
  });
  // The client goes on trying; the next call of the store tells the error.
  client.on("error", () => undefined);
  let isFirst = true;
  client.on("ready", () => {
    if (!isFirst) onForeignCommit();
    isFirst = false;
  });
  const listening = client.connect().then(() =>
    client.subscribe(channelOf(place), (committer) => {
      if (committer !== instance) onForeignCommit();
    }),
  );
  // A watcher that was ended before it was connected.
  listening.catch(() => undefined);
  client.unref();
  return () => client.destroy();
}
