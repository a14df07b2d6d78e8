/** Chance that can be had again. */
export interface Random {
  /** A whole number from 0 up to, but without, `limit`. */
  below(limit: number): number;
}

/** Numbers of a linear congruential generator (Numerical Recipes' constants). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(limit) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    },
  };
}
