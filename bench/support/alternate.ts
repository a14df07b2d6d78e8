import { collectGarbage } from "./collect-garbage.ts";

/** Does one small thing; `number` counts from 0 over all rounds. */
export type Step = (number: number) => Promise<unknown> | void;

/** Milliseconds of steps that take turns one by one, so that a moment in which the machine is busy meets all alike.
 *  Answers, per contestant, a list of samples for each round. The first round does not count. */
export async function alternate<K extends string>(
  steps: Readonly<Record<K, Step>>,
  { rounds, count }: { readonly rounds: number; readonly count: number },
): Promise<Readonly<Record<K, readonly (readonly number[])[]>>> {
  const names = Object.keys(steps) as K[];
  const taken = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    K,
    number[][]
  >;
  for (let round = 0; round <= rounds; round++) {
    collectGarbage();
    for (const name of names) taken[name].push([]);
    for (let index = 0; index < count; index++) {
      const order = index % 2 === 0 ? names : names.toReversed();
      for (const name of order) {
        const number = round * count + index;
        const start = performance.now();
        await steps[name](number);
        taken[name].at(-1)?.push(performance.now() - start);
      }
    }
  }
  for (const name of names) taken[name].shift();
  return taken;
}
