const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** The value of an own key. Names come from callers, and `constructor` is a name like any other. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  // The few inherited names are asked for first: Object.hasOwn costs more than all else on this path.
  return INHERITED.has(key) && !Object.hasOwn(record, key) ? undefined : record[key];
}
