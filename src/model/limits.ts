/** Limits of what one call may bring. Sizes are bytes of UTF-8 JSON unless they say otherwise. */
export const LIMITS = {
  idCharacters: 128,
  titleCharacters: 500,
  tags: 64,
  tagCharacters: 64,
  metadataKeys: 64,
  metadataKeyCharacters: 64,
  metadataBytes: 16_384,
  members: 1_000,
  messagesPerAppend: 1_000,
  partsPerMessage: 1_000,
  branches: 1_000,
  branchNameCharacters: 128,
  queuedMessages: 1_000,
  unendedRuns: 100,
  bodyBytes: 8_388_608,
  blobBytes: 67_108_864,
  /** How long a deletion can be taken back: 30 days. */
  undeleteMs: 2_592_000_000,
  pageSize: 200,
  pageSizeDefault: 50,
} as const;
