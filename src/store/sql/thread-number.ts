/** The number of a thread that was not purged, in SQL: takes tenant and id. */
export const THREAD_NUMBER =
  "(SELECT t.tid FROM skein_thread t WHERE t.tenant = ? AND t.id = ? AND t.purged_at IS NULL)";
