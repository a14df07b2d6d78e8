/** Places of scores, the largest first, the first of two equals first. Puts no more in order than is asked for.
 *  @param guess  how many the caller probably takes */
export function* inOrder(scores: Float64Array, guess: number): Generator<number> {
  const ascending = scores.toSorted();
  let above = Infinity;
  for (let size = guess; above > -Infinity; size *= 8) {
    const least = ascending[ascending.length - size] ?? -Infinity;
    const some: number[] = [];
    for (const [at, score] of scores.entries()) if (score >= least && score < above) some.push(at);
    yield* some.toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    above = least;
  }
}
