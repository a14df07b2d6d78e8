/** Counts the stored JSON of a page against its bound: asked for one item after the other, with the item's JSON. The
 *  first one always fits; behind one that does not, none does. */
export function byteBound(maxBytes: number): (...json: readonly string[]) => boolean {
  let bytes = 0;
  let isFirst = true;
  return (...json) => {
    for (const text of json) bytes += Buffer.byteLength(text);
    const fits = isFirst || bytes <= maxBytes;
    isFirst = false;
    return fits;
  };
}

/** The items at the start whose JSON is within the bound. */
export function withinBytes<T>(
  items: readonly T[],
  maxBytes: number | undefined,
  contentOf: (item: T) => unknown,
): readonly T[] {
  if (maxBytes === undefined) return items;
  const fits = byteBound(maxBytes);
  const end = items.findIndex((item) => !fits(JSON.stringify(contentOf(item))));
  return end === -1 ? items : items.slice(0, end);
}
