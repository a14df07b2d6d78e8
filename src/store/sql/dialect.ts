/** Where SQL databases differ. Plans are written in what they share; the rest is asked here. */
export interface Dialect {
  readonly name: "sqlite" | "postgres" | "mysql";
  /** An insert that leaves a row with the same key as it is. Values are `?` in the order of `columns`. */
  insertNew(table: string, columns: readonly string[]): string;
  /** An insert that puts the other columns of a row with the same key to the new values.
   *  @param key  the columns of a unique index */
  upsert(table: string, columns: readonly string[], key: readonly string[]): string;
  /** Bytes of a text in UTF-8. */
  bytesOf(column: string): string;
  /** The smaller of two numbers. */
  lesser(a: string, b: string): string;
}
