import type { Target } from "../sql/insert-rows.ts";
import type { SearchDialect } from "../sql/search/search-dialect.ts";
import { documentsTarget } from "../sql/search/search-schema.ts";
import { arrayLiteral } from "./array-literal.ts";
import { rowsOfDocument } from "./search-document.ts";
import { matchOf } from "./search-match.ts";

const numbers = ["tid", "version", "part", "lsn", "role", "loose", "size"];
const documents: Target = {
  ...documentsTarget("r.words::tsvector"),
  values: [...numbers.map((name) => `r.${name}`), "r.words::tsvector"],
  arrays: { types: [...numbers.map(() => "bigint"), "text"], literal: arrayLiteral },
};

export const postgresSearch: SearchDialect = {
  wordsType: "tsvector",
  // With a list of pending words, which makes it four times as fast to write. Every search reads that list: 4 MB at most.
  indexes: ["CREATE INDEX skein_document_words ON skein_document USING gin (words)"],
  documents,
  rowsOf: rowsOfDocument,
  match: matchOf,
  // An index that skips what another word rules out.
  mayMiss: false,
  marksTenants: true,
  blocksAtOnce: 256,
  tidy: "SELECT gin_clean_pending_list('skein_document_words')",
  materialized: "MATERIALIZED",
  // The planner does not look into what has an offset, and expects far more documents than there are.
  threadOfFound: `CROSS JOIN LATERAL (
    SELECT h.tid, h.tenant, h.owner, h.deleted_at, h.purged_at FROM skein_thread h WHERE h.tid = k.tid OFFSET 0
  ) t`,
};
