import type { BusEvent, LiveBus } from "../store/live-bus.ts";
import { Subscribers } from "./subscribers.ts";

/** A bus inside of one process, for several stores that were opened on the same data there. Has no connection and loses
 *  nothing. */
export function localBus(): LiveBus {
  const subscribers = new Subscribers();
  let waiting: BusEvent[] = [];
  const tell = (): void => {
    const events = waiting;
    waiting = [];
    for (const event of events) subscribers.hear(event);
  };
  return {
    name: "local",
    open: async () => undefined,
    publish(event) {
      // Listeners run outside of the commit that is told.
      if (waiting.push(event) === 1) setImmediate(tell);
    },
    subscribe(listener, onGap) {
      setImmediate(onGap);
      return subscribers.add(listener, onGap);
    },
    close: async () => tell(),
  };
}
