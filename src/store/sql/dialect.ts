/** Where SQL databases differ. Plans are written in what they share; the rest is asked here. */
export interface Dialect {
  readonly name: "sqlite" | "postgres" | "mysql";
  /** How many rows one insert takes at most. 1 where repeating a prepared statement is the fastest. */
  readonly rowsAtOnce: number;
  /** The end of an insert that leaves a row with the same key as it is. `key`: the columns of a unique index. */
  keepSame(key: readonly string[]): string;
  /** The end of an insert that brings `columns` of a row with the same key to the new values. */
  replaceSame(key: readonly string[], columns: readonly string[]): string;
  /** The end of a select whose rows nobody else may change until the transaction is over. */
  readonly forUpdate: string;
  /** Bytes of a text in UTF-8. */
  bytesOf(column: string): string;
  /** The smaller of two numbers. */
  lesser(a: string, b: string): string;
  /** The larger of two numbers. */
  greater(a: string, b: string): string;
  /** A parameter as an integer, where nothing else says that it is one. */
  integer(parameter: string): string;
  /** Whether a text has another one in it, letter by letter. */
  contains(text: string, part: string): string;
  /** A join with `ON` that visits what is on its left first. */
  readonly orderedJoin: string;
  /** Whether a join uses an index for a range whose bounds come from the row before. */
  readonly joinsRanges: boolean;
  /** The order of commits in the log: one or two columns of it, and the condition that no commit can come before a row any
   *  more. */
  readonly feed: { readonly position: readonly string[]; readonly settled: string };
}
