// Half of a surrogate pair cannot be sent as UTF-8, so two different names would become one.
const UNSAFE = /["\\\p{Cc}\p{Cs}]/u;

/** An id or a user as it stands in keys and records: as it is, but for what JSON escapes. No two give the same. */
export function nameOf(id: string): string {
  return UNSAFE.test(id) ? JSON.stringify(id).slice(1, -1) : id;
}

export function idOf(name: string): string {
  if (!name.includes("\\")) return name;
  const id: string = JSON.parse(`"${name}"`);
  return id;
}

/** Whose list and whose rights: everybody's, or one user's. No user has the name of everybody. */
export function userOf(user: string | null): string {
  return user === null ? "" : `u${nameOf(user)}`;
}

/** The beginning of a tenant's keys. What stands in braces decides the slot of a cluster, so that one script may touch
 *  all of them. */
export function tenantKeys(prefix: string, tenant: string): string {
  return `${prefix}:{${encodeURIComponent(nameOf(tenant))}.}:`;
}

/** The beginning of the keys that belong to no tenant. A tenant's name never has a number sign. */
export function storeKeys(prefix: string): string {
  return `${prefix}:{#}:`;
}
