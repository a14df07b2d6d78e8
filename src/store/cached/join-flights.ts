/** Loads under way, by name. */
export interface Flights {
  /** Resolves when the load that is under way has ended, however it ended; `undefined` when there is none. Answered at
   *  once, so that between asking and starting a load nobody comes. */
  landing(name: string): Promise<void> | undefined;
  start<T>(name: string, load: () => Promise<T>): Promise<T>;
}

/** Lets many who want the same wait for one load. What it brings they take from where it was put: each of them has a
 *  question of their own to ask about it. */
export function joinFlights(): Flights {
  const flights = new Map<string, Promise<void>>();
  return {
    landing: (name) => flights.get(name),
    async start(name, load) {
      const loading = load();
      const flight = loading.then(
        () => undefined,
        () => undefined,
      );
      flights.set(name, flight);
      try {
        return await loading;
      } finally {
        if (flights.get(name) === flight) flights.delete(name);
      }
    },
  };
}
