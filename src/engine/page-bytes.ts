/** What a page of messages or of the log brings at most, but for a single larger one. */
export const PAGE_BYTES = 8_388_608;
