import type { Role } from "../model/message.ts";

export interface SearchQuery {
  /** Words are all required; `"a phrase"`, `-not`, `OR` and `prefix*` work. */
  readonly text: string;
  readonly threadId?: string;
  readonly roles?: readonly Role[];
  /** `rank` (default): best first. `recent`: newest first. */
  readonly order?: "rank" | "recent";
  readonly limit: number;
  readonly offset?: number;
}

export interface SearchHit {
  /** A thread that the reader may see. A message shared by forks is listed once. */
  readonly threadId: string;
  readonly threadTitle: string | null;
  /** `null` when the title matched. */
  readonly messageId: string | null;
  readonly role: Role | null;
  readonly at: number;
  /** About 160 characters around the best match, plain text. */
  readonly snippet: string;
  /** Matches in the snippet: start and end in UTF-16 units. */
  readonly highlights: readonly (readonly [number, number])[];
  /** Larger is better; comparable within one answer only. */
  readonly score: number;
}

export interface SearchPage {
  readonly hits: readonly SearchHit[];
  readonly hasMore: boolean;
  /** Committed messages that the index does not have yet. 0 in the usual case. */
  readonly indexLag: number;
}
