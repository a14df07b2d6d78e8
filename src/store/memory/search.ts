import type { Entry } from "../../model/entry.ts";
import type { Reader } from "../key.ts";
import type { SearchHit, SearchPage, SearchQuery } from "../search.ts";
import { cutSnippet } from "../text/cut-snippet.ts";
import { indexableText } from "../text/indexable-text.ts";
import { matchAt, matches } from "../text/matches.ts";
import { parseQuery } from "../text/parse-query.ts";
import type { Query } from "../text/parse-query.ts";
import { tokenize } from "../text/tokenize.ts";
import type { Token } from "../text/tokenize.ts";
import { canSee } from "./access.ts";
import type { FeedRecord, StoredThread, Tenant } from "./memory-data.ts";
import { includedMessages, ownMessages } from "./path.ts";

/** Looks at every text that the reader may see.
 *  @param feed  of all tenants: the order of commits */
export function search(
  tenant: Tenant,
  feed: readonly FeedRecord[],
  reader: Reader,
  { text, threadId, roles, order = "rank", limit, offset = 0 }: SearchQuery,
): SearchPage {
  const query = parseQuery(text);
  const threads = [...tenant.threads.values()].filter(
    ({ key, head }) =>
      canSee(reader, head) &&
      head.profile.deletedAt === null &&
      (threadId === undefined || key.id === threadId),
  );
  const documents = documentsOf(threads, tenant);
  const score = scorer(query, documents);
  const places = placesIn(feed, reader.tenant);
  const found = documents
    .filter(({ role }) => roles === undefined || (role !== null && roles.includes(role)))
    .filter(({ tokens }) => matches(query, tokens))
    .map((document) => ({ document, score: score(document), place: places(document) }))
    .sort(
      (a, b) =>
        (order === "rank" ? b.score - a.score : 0) ||
        b.place - a.place ||
        b.document.version - a.document.version,
    );
  return {
    hits: found.slice(offset, offset + limit).map((it) => hitOf(it.document, query, it.score)),
    hasMore: found.length > offset + limit,
    indexLag: 0,
  };
}

/** A title, or what a message says. */
interface Document extends Pick<
  SearchHit,
  "threadId" | "threadTitle" | "messageId" | "role" | "at"
> {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** The thread that wrote it, and the version that gave it its place there. */
  readonly home: string;
  readonly version: number;
}

function documentsOf(threads: readonly StoredThread[], tenant: Tenant): readonly Document[] {
  const documents = new Map<string, Document>();
  const add = (document: Omit<Document, "tokens">): void => {
    const name = JSON.stringify([document.home, document.messageId]);
    // A message's own thread comes before the forks that include it.
    if (documents.has(name) && document.threadId !== document.home) return;
    documents.set(name, { ...document, tokens: tokenize(document.text) });
  };
  for (const thread of threads) {
    const { title: threadTitle } = thread.head.profile;
    const threadId = thread.key.id;
    if (threadTitle !== null) {
      const { version, at } = titleEntryOf(thread);
      const title = { messageId: null, role: null, at, text: threadTitle };
      add({ threadId, threadTitle, ...title, home: threadId, version });
    }
    for (const { message } of [...ownMessages(thread), ...includedMessages(tenant, thread)]) {
      const { id: messageId, role, createdAt: at, parts, threadId: home, version } = message;
      const text = indexableText(parts);
      add({ threadId, threadTitle, messageId, role, at, text, home, version });
    }
  }
  return [...documents.values()];
}

/** The entry that brought the title, or the trim that stands for it. */
function titleEntryOf({ entries, head }: StoredThread): Pick<Entry, "version" | "at"> {
  const brings = (entry: Entry): boolean =>
    entry.op === "thread.create" ||
    entry.op === "retention.trim" ||
    (entry.op === "thread.set" && entry.data.title !== undefined);
  return entries.findLast(brings) ?? { version: head.version, at: head.activity.updatedAt };
}

/** When a document was committed, as a number that grows; within one commit the versions say more. */
function placesIn(
  feed: readonly FeedRecord[],
  tenant: string,
): (document: Pick<Document, "home" | "version">) => number {
  const commits = new Map<string, { readonly version: number; readonly place: number }[]>();
  for (const [place, { key, version }] of feed.entries()) {
    if (key.tenant !== tenant) continue;
    const known = commits.get(key.id);
    if (known === undefined) commits.set(key.id, [{ version, place }]);
    else known.push({ version, place });
  }
  return ({ home, version }) =>
    commits.get(home)?.find((commit) => commit.version >= version)?.place ?? feed.length;
}

const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

/** Okapi BM25 over the texts that the reader may see. */
function scorer(query: Query, documents: readonly Document[]): (document: Document) => number {
  const terms = query.all.flat();
  const total = documents.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const meanLength = Math.max(1, total / Math.max(1, documents.length));
  const counts = new Map(
    documents.map((it) => [it, terms.map((term) => occurrences(term, it.tokens))]),
  );
  const rarities = terms.map((_term, index) => {
    const having = [...counts.values()].filter((count) => (count[index] ?? 0) > 0).length;
    return Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
  });
  return (document) => {
    const lengthFactor = 1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * document.tokens.length) / meanLength;
    return (counts.get(document) ?? []).reduce((score, count, index) => {
      const frequency = (count * (SATURATION + 1)) / (count + SATURATION * lengthFactor);
      return score + (rarities[index] ?? 0) * frequency;
    }, 0);
  };
}

function occurrences(term: Query["none"][number], tokens: readonly Token[]): number {
  return tokens.filter((_token, at) => matchAt(term, tokens, at) !== null).length;
}

function hitOf(
  { text, tokens: _tokens, home: _home, version: _version, ...hit }: Document,
  query: Query,
  score: number,
): SearchHit {
  const { snippet, highlights } = cutSnippet(text, query);
  return { ...hit, snippet, highlights, score };
}
