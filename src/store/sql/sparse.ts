type Fields = Readonly<Record<string, unknown>>;

/** The fields of `value` that differ from `defaults`, to keep rows small. Fields that `defaults` does not know are
 *  kept, fields that are `undefined` are not. Undone by `{ ...defaults, ...sparse }`. */
export function withoutDefaults(value: object, defaults: Fields): Record<string, unknown> {
  const fields: Fields = { ...value };
  const sparse: Record<string, unknown> = {};
  // Part of every commit: no lists of keys where none are needed.
  for (const key in fields) {
    const field = fields[key];
    if (field !== undefined && !isSame(field, defaults[key])) sparse[key] = field;
  }
  return sparse;
}

/** Equal in JSON; answers false too often rather than too rarely, because it looks only one level deep. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isFields(a) || !isFields(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
