/** Does one small thing; `number` counts from 0 over all rounds, also those that do not count. */
export type Step = (number: number) => Promise<unknown> | void;

/** So that compiled code is measured: a server's first thousand calls are not its life. */
export const WARM_UP_ROUNDS = 4;

/** Milliseconds of steps that take turns one by one, so that a moment in which the machine is busy meets all alike.
 *  Answers, per contestant, a list of samples for each round. The first four rounds do not count. */
export async function alternate<K extends string>(
  steps: Readonly<Record<K, Step>>,
  { rounds, count }: { readonly rounds: number; readonly count: number },
): Promise<Readonly<Record<K, readonly (readonly number[])[]>>> {
  const names = Object.keys(steps) as K[];
  const taken = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    K,
    number[][]
  >;
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
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
  for (const name of names) taken[name].splice(0, WARM_UP_ROUNDS);
  return taken;
}
