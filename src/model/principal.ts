/** Who is asking. Every engine call has one. */
export interface Principal {
  readonly tenant: string;
  /** The user on whose behalf the call is made; `null` acts with all rights in the tenant, as `local`. */
  readonly user: string | null;
  /** What the key allows. */
  readonly scopes: readonly Scope[];
}

export type Scope = "read" | "write" | "admin";

export const LOCAL_USER = "local";
export const DEFAULT_TENANT = "default";

export const LOCAL_PRINCIPAL: Principal = {
  tenant: DEFAULT_TENANT,
  user: null,
  scopes: ["read", "write", "admin"],
};

/** The name under which a principal's writes are recorded. */
export function userOf(principal: Principal): string {
  return principal.user ?? LOCAL_USER;
}

/** What a member may do: a viewer reads, an editor writes, an owner also manages members and deletes. */
export type MemberRole = "viewer" | "editor" | "owner";
