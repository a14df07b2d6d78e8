const unsent = new WeakSet<object>();

/** Remembers of an error that nothing of its call can take effect: the server was not reached, or not asked to commit. */
export function noteUnsent(error: unknown): void {
  if (typeof error === "object" && error !== null) unsent.add(error);
}

export function isUnsent(error: unknown): boolean {
  return typeof error === "object" && error !== null && unsent.has(error);
}
