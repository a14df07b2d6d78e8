const LEAST_KIB = 16_000;
const MOST_KIB = 128_000;
const SHARE = 1 / 32;

/** How much of a file is kept in memory, in KiB. It grows with the file: what lists show of the newest threads is about a
 *  thirtieth of it, and each page that is not in the cache is a call to the system. */
export function cacheKibFor(fileKib: number): number {
  return Math.min(MOST_KIB, Math.max(LEAST_KIB, Math.floor(fileKib * SHARE)));
}
