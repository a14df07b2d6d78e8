/** Who may import whom, as data. A folder of `src/` is a layer; `oxlint.config.ts` turns every row into a
 *  lint rule and `test/architecture.test.ts` proves that the rule bites. Whatever a row does not name is forbidden. */
export interface Layer {
  /** Path below `src/`. A folder inside a layer belongs to it unless it has a row of its own. */
  readonly folder: string;
  readonly mayImport: readonly string[];
  /** Packages, with all their subpaths. `node:*` is every built-in module except `node:sqlite`. */
  readonly packages: readonly string[];
}

const contracts: readonly string[] = ["model", "store"];
const adapters: readonly string[] = [
  "store/cached",
  "store/copy",
  "store/memory",
  "store/repository",
  "store/sqlite",
  "store/file",
  "store/postgres",
  "store/mysql",
  "store/redis",
];
// What adapters for SQL databases share.
const sql: readonly string[] = [...contracts, "store/sql"];
const services: readonly string[] = [...contracts, "protocol", "engine", "agents"];

export const layers: readonly Layer[] = [
  { folder: "model", mayImport: [], packages: [] },
  { folder: "protocol", mayImport: ["model"], packages: ["zod"] },
  { folder: "store", mayImport: ["model"], packages: ["node:*"] },
  { folder: "store/conformance", mayImport: contracts, packages: ["node:*"] },
  { folder: "store/memory", mayImport: contracts, packages: ["node:*"] },
  // Holds what it loaded in a memory store.
  {
    folder: "store/repository",
    mayImport: [...contracts, "store/memory"],
    packages: ["node:*"],
  },
  { folder: "store/sql", mayImport: contracts, packages: ["node:*"] },
  { folder: "store/sqlite", mayImport: sql, packages: ["node:*", "node:sqlite"] },
  // An adapter for a server that passes on news has a bus over it, too.
  { folder: "store/postgres", mayImport: [...sql, "bus"], packages: ["node:*", "pg"] },
  { folder: "store/mysql", mayImport: sql, packages: ["node:*", "mysql2"] },
  { folder: "store/copy", mayImport: contracts, packages: ["node:*"] },
  { folder: "store/cached", mayImport: contracts, packages: ["node:*"] },
  // The SQLite store is its index; what a redaction leaves of an entry is the same as in memory.
  {
    folder: "store/file",
    mayImport: [...contracts, "store/memory", "store/sqlite"],
    packages: ["node:*", "node:sqlite"],
  },
  // Messages are made of entries, and lists are filtered, as in memory.
  {
    folder: "store/redis",
    mayImport: [...contracts, "store/memory", "bus"],
    packages: ["node:*", "redis"],
  },
  // News between processes; the contract is the store's.
  { folder: "bus", mayImport: contracts, packages: ["node:*"] },
  {
    folder: "engine",
    mayImport: [...contracts, "engine/portable"],
    packages: ["node:*", "uuidv7", "@standard-schema/spec"],
  },
  // Loaded when a thread leaves or comes: what comes from outside is checked whole.
  {
    folder: "engine/portable",
    mayImport: [...contracts, "engine"],
    packages: ["node:*", "zod"],
  },
  // Conversations of other programs, and exports of many threads or for people to read.
  {
    folder: "exchange",
    mayImport: [...contracts, "engine", "engine/portable"],
    packages: ["node:*"],
  },
  {
    folder: "agents",
    mayImport: [...contracts, "protocol", "engine"],
    packages: ["node:*", "ai", "@ai-sdk", "zod", "@standard-schema/spec", "uuidv7"],
  },
  // What agents do to files of the machine.
  {
    folder: "files",
    mayImport: services,
    packages: ["node:*", "node:sqlite", "diff"],
  },
  {
    folder: "http",
    mayImport: [...services, "files", "http/native", "webhooks"],
    packages: ["node:*", "hono", "@hono", "zod", "uuidv7"],
  },
  // A wire dialect is a leaf: it translates, decides nothing, and never imports another dialect.
  {
    folder: "http/native",
    mayImport: [...services, "exchange", "files", "http", "webhooks"],
    packages: ["node:*", "hono", "@hono", "zod", "uuidv7"],
  },
  // Tells of threads and runs in the shapes of the native wire.
  {
    folder: "webhooks",
    mayImport: [...contracts, "protocol", "engine", "http", "http/native"],
    packages: ["node:*"],
  },
  {
    folder: "testing",
    mayImport: [...services, "store/conformance", "store/memory"],
    packages: ["node:*", "ai", "@ai-sdk"],
  },
  // Runs in browsers, too: nothing of Node.
  { folder: "client", mayImport: ["model", "protocol"], packages: ["eventsource-parser"] },
  // The composition root: the only place that picks adapters.
  {
    folder: "cli",
    mayImport: [
      ...services,
      ...adapters,
      "exchange",
      "bus",
      "http",
      "http/native",
      "webhooks",
      "files",
      "store/conformance",
      "testing",
    ],
    packages: ["node:*", "node:sqlite", "citty"],
  },
];

/** `src/index.ts`, the public API: a list of exports from the layers. */
export const publicApi: Layer = {
  folder: "index.ts",
  mayImport: [
    ...services,
    ...adapters,
    "exchange",
    "bus",
    "http",
    "http/native",
    "webhooks",
    "files",
    "client",
  ],
  packages: [],
};
