import type { Row } from "../sql/cell.ts";
import { wordsOf } from "../sql/search/document-words.ts";
import type { SearchDialect, SearchDocument } from "../sql/search/search-dialect.ts";
import { documentsTarget } from "../sql/search/search-schema.ts";
import { matchOf } from "./search-match.ts";
import { GAP, encodeWord } from "./search-words.ts";

export const mysqlSearch: SearchDialect = {
  wordsType: "LONGTEXT CHARACTER SET ascii COLLATE ascii_bin",
  indexes: ["CREATE FULLTEXT INDEX skein_document_words ON skein_document (words)"],
  documents: documentsTarget("?"),
  rowsOf: rowsOfDocument,
  match: matchOf,
  // The documents of every word are read to the end.
  marksTenants: false,
  // InnoDB writes its full-text cache to its tables beside the queries, and some of them fall in between.
  mayMiss: true,
  // To collect what one of several blocks has costs more than to read on.
  blocksAtOnce: 1,
  tidy: null,
  materialized: "",
  threadOfFound: "STRAIGHT_JOIN skein_thread t ON t.tid = k.tid",
};

function rowsOfDocument({ tid, version, lsn, role, text, marks }: SearchDocument): readonly Row[] {
  const { words, parts } = wordsOf(text);
  if (words.length === 0) return [];
  const encoded = [
    ...words.map(encodeWord),
    ...[...parts.map(([part]) => part), ...marks].flatMap((word) => [GAP, encodeWord(word)]),
  ];
  return [[tid, version, 0, lsn, role, 0, words.length, encoded.join(" ")]];
}
