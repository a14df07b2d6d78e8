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
  /** Actions of a run in one journal; and events that it has not taken. */
  actions: 100,
  signals: 100,
  eventNameCharacters: 128,
  /** Of what an action says or a decision answers, an event's payload, a run's input and a step's output. */
  runDataBytes: 32_768,
  customStatusBytes: 16_384,
  stateBytes: 262_144,
  links: 1_000,
  linkDataBytes: 4_096,
  /** Generations above a thread in which a circle is looked for. */
  linkDepth: 100,
  compactionCharacters: 32_000,
  pinnedMessages: 100,
  /** Of the records about files: what one of them may say, and how many changes may be under way. */
  editsPerFileChange: 100,
  foldersPerFileChange: 500,
  undoesPerRollback: 5_000,
  openFileChanges: 100,
  pathCharacters: 4_096,
  operationIdCharacters: 512,
  /** Claims of a run that does not get on. */
  runAttempts: 5,
  /** How deep agents can call agents. */
  runDepth: 5,
  /** Of a thread that is brought from elsewhere, in one commit. */
  messagesPerImport: 10_000,
  importBytes: 67_108_864,
  bodyBytes: 8_388_608,
  blobBytes: 67_108_864,
  /** How long a deletion can be taken back: 30 days. */
  undeleteMs: 2_592_000_000,
  pageSize: 200,
  pageSizeDefault: 50,
} as const;
