import type { Query } from "../../text/parse-query.ts";
import type { Row } from "../cell.ts";
import type { Target } from "../insert-rows.ts";
import type { Fragment } from "../list-of.ts";

/** A text that is to be found. */
export interface SearchDocument {
  /** The entry that gave it its place. */
  readonly tid: number;
  readonly version: number;
  readonly lsn: number;
  /** `null` for a title. */
  readonly role: number | null;
  readonly text: string;
  /** Words that every piece of it has, beside those of the text. */
  readonly marks: readonly string[];
}

/** Which documents a query may find. */
export interface Match extends Fragment {
  /** Larger is better. */
  readonly score: Fragment;
  /** Whether everything it finds is what the query asks for, unless the document says that it is loose. */
  readonly isExact: boolean;
}

/** Of each list that is not empty a document has one mark. */
export interface Marks {
  readonly scopes: readonly string[];
  readonly blocks: readonly string[];
  /** Whether fewer documents are expected in the blocks than with the words of the query. */
  readonly isFewInBlocks: boolean;
}

/** How a server finds words. It compares our tokens only, so that all stores find the same. */
export interface SearchDialect {
  /** The type of the column with the words of a document. */
  readonly wordsType: string;
  readonly indexes: readonly string[];
  readonly documents: Target;
  /** Rows of `skein_document`; none for a text without words. */
  rowsOf(document: SearchDocument): readonly Row[];
  /** Documents `d` that have what the query asks for; `null` for a query without words. */
  match(query: Query, marks: Marks): Match | null;
  /** Whether a mark that all documents of a tenant have helps to find those with a word. */
  readonly marksTenants: boolean;
  /** Whether the database now and then finds nothing for what it finds a moment later: then an empty answer is asked for twice. */
  readonly mayMiss: boolean;
  /** How many blocks one query names at most. */
  readonly blocksAtOnce: number;
  /** What makes searches fast again after many documents were written; `null` if nothing does. */
  readonly tidy: string | null;
  /** `MATERIALIZED` where a common table expression would otherwise become part of the query around it. */
  readonly materialized: string;
  /** Joins the thread `t` that wrote a document `k`, by its number and one after another: a plan that reads all threads
   *  instead costs more the more there are, however few documents were found. */
  readonly threadOfFound: string;
}
