/** The nearest message above: what a source keeps between messages is stepped over, and its circles end at `null`. */
export function followSkipped(
  parentId: string | null,
  skipped: ReadonlyMap<string, string | null>,
): string | null {
  const seen = new Set<string>();
  let at = parentId;
  while (at !== null && skipped.has(at)) {
    if (seen.has(at)) return null;
    seen.add(at);
    at = skipped.get(at) ?? null;
  }
  return at;
}
