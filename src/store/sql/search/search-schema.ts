import type { Target } from "../insert-rows.ts";
import type { SchemaTypes } from "../schema.ts";
import type { SearchDialect } from "./search-dialect.ts";

/**
 * The tables of a search index that lives beside the log in the same database. Everything in them can be made from the
 * log again.
 *
 * `document`: messages and titles, under the entry that gave each its place, in one row or, where a database cannot take
 * that many words, in several. `title`: which document is a thread's title. `reader`: threads that a user
 * reads without owning them, or whose messages a fork that they read includes. `lost`: threads that let go of messages
 * which forks still include.
 */
export function searchTables(
  types: SchemaTypes,
  { wordsType, indexes }: SearchDialect,
): readonly string[] {
  const { integer, name } = types;
  const rows = types.end({ byKey: false });
  const keyed = types.end({ byKey: true });
  return [
    `CREATE TABLE skein_document (
      tid ${integer} NOT NULL,
      version ${integer} NOT NULL,
      part ${integer} NOT NULL,
      lsn ${integer} NOT NULL,
      role ${integer},
      loose ${integer} NOT NULL,
      size ${integer} NOT NULL,
      words ${wordsType} NOT NULL,
      PRIMARY KEY (tid, version, part)
    ) ${rows}`,
    `CREATE TABLE skein_search_title (
      tid ${integer} PRIMARY KEY,
      version ${integer} NOT NULL
    ) ${keyed}`,
    `CREATE TABLE skein_search_reader (
      tenant ${name} NOT NULL,
      user_id ${name} NOT NULL,
      scope_tid ${integer} NOT NULL,
      tid ${integer} NOT NULL,
      PRIMARY KEY (tenant, user_id, scope_tid, tid)
    ) ${keyed}`,
    "CREATE INDEX skein_search_reader_by_thread ON skein_search_reader (tid)",
    `CREATE TABLE skein_search_lost (tid ${integer} PRIMARY KEY) ${keyed}`,
    `CREATE TABLE skein_search_state (
      id ${integer} PRIMARY KEY,
      version ${integer} NOT NULL,
      newest ${integer} NOT NULL,
      low ${integer} NOT NULL,
      high ${integer} NOT NULL
    ) ${keyed}`,
    ...indexes,
  ];
}

/** @param words  what is made of the words of a document; `?` stands for them */
export function documentsTarget(words: string): Target {
  return {
    table: "skein_document",
    columns: ["tid", "version", "part", "lsn", "role", "loose", "size", "words"],
    values: ["?", "?", "?", "?", "?", "?", "?", words],
    key: ["tid", "version", "part"],
  };
}

export const TITLES: Target = {
  table: "skein_search_title",
  columns: ["tid", "version"],
  key: ["tid"],
};

export const READERS: Target = {
  table: "skein_search_reader",
  columns: ["tenant", "user_id", "scope_tid", "tid"],
  key: ["tenant", "user_id", "scope_tid", "tid"],
};

export const LOST: Target = { table: "skein_search_lost", columns: ["tid"], key: ["tid"] };
