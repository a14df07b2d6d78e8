/** Lets one process at a time change tables. Held to the end of the transaction, so it is safe behind a pooler: "skein" in
 *  hexadecimal. */
export const LOCK = "SELECT pg_advisory_xact_lock(x'736b65696e'::bigint)";
