import type { SearchDialect } from "../sql/search/search-dialect.ts";
import { documentsTarget } from "../sql/search/search-schema.ts";
import { rowsOfDocument } from "./search-document.ts";
import { matchOf } from "./search-match.ts";

export const postgresSearch: SearchDialect = {
  wordsType: "tsvector",
  // Without a list of pending entries, that every search would have to read.
  indexes: [
    "CREATE INDEX skein_document_words ON skein_document USING gin (words) WITH (fastupdate = off)",
  ],
  documents: documentsTarget("CAST(? AS tsvector)"),
  rowsOf: rowsOfDocument,
  match: matchOf,
  materialized: "MATERIALIZED",
};
