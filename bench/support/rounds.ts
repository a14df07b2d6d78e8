import { collectGarbage } from "./collect-garbage.ts";

/** Measures once; the unit is the caller's. */
export type Contestant = () => Promise<number> | number;

/** Lets contestants run in turns, each round in the opposite order of the one before, after one round that does not
 *  count. Element *i* of every answer was measured in the same round. */
export async function interleave<K extends string>(
  contestants: Readonly<Record<K, Contestant>>,
  rounds: number,
): Promise<Readonly<Record<K, readonly number[]>>> {
  const names = Object.keys(contestants) as K[];
  const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    K,
    number[]
  >;
  for (let round = -1; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      collectGarbage();
      const value = await contestants[name]();
      if (round >= 0) measured[name].push(value);
    }
  }
  return measured;
}
