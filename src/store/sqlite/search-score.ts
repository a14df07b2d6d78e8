/** How soon one more occurrence of a word no longer counts, and how much the length of a text does. */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

/** Scores of hits by Okapi BM25 among themselves: a word counts more the fewer of them have it. Always positive. The same
 *  hits have the same scores, however many others there are in the store.
 *  @param sizes  how many words each hit has
 *  @param terms  by term, how often each hit has it */
export function scoresOf(sizes: readonly number[], terms: readonly Float64Array[]): Float64Array {
  const scores = new Float64Array(sizes.length);
  const meanSize = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  for (const counts of terms) {
    let having = 0;
    for (const count of counts) if (count > 0) having++;
    const rarity = Math.log(1 + sizes.length / Math.max(1, having));
    for (const [at, count] of counts.entries()) {
      if (count === 0) continue;
      const length = 1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * (sizes[at] ?? 0)) / meanSize;
      const score = (rarity * count * (SATURATION + 1)) / (count + SATURATION * length);
      scores[at] = (scores[at] ?? 0) + score;
    }
  }
  return scores;
}
