import type { Cell } from "../sql/cell.ts";
import { OP_CODES } from "../sql/codes.ts";
import { listNamesOf } from "../sql/listing-rows.ts";
import { ERASED } from "../sql/load-heads.ts";
import { ENTRY_COLUMNS } from "../sql/records.ts";
import { arrayLiteral } from "./array-literal.ts";
import type { QuickChain } from "./quick-chain.ts";

export interface QuickStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Of few texts, which come again and again. */
  readonly isPlain: boolean;
}

type Type = "bigint" | "text";
type Columns = Readonly<Record<string, Type>>;

/** Which of the columns of an entry are numbers. */
export const NUMBERS: ReadonlySet<string> = new Set([
  "version",
  "op",
  "at",
  "seg",
  "pos",
  "role",
  "given",
  "op_schema",
]);

const WRITES: Columns = {
  n: "bigint",
  tenant: "text",
  id: "text",
  base: "bigint",
  version: "bigint",
  updated_at: "bigint",
  status: "bigint",
  hot: "text",
  kept: "bigint",
  tid: "bigint",
};
const ENTRIES: Columns = {
  n: "bigint",
  body: "bigint",
  ...Object.fromEntries(
    ENTRY_COLUMNS.map((name) => [name, NUMBERS.has(name) ? "bigint" : "text"] as const),
  ),
};
const PROFILE: Columns = {
  owner: "text",
  title: "text",
  agent_id: "text",
  kind: "text",
  created_at: "bigint",
  archived_at: "bigint",
  deleted_at: "bigint",
  purged_at: "bigint",
  oldest: "bigint",
  forked_from: "text",
  due_at: "bigint",
  profile: "text",
};
const PROFILES: Columns = { n: "bigint", ...PROFILE };
const RUNS: Columns = {
  n: "bigint",
  id: "text",
  status: "text",
  branch: "text",
  created_at: "bigint",
  holds: "bigint",
  ended: "bigint",
  due_at: "bigint",
  calls: "bigint",
  data: "text",
};
const STEPS: Columns = { n: "bigint", run_id: "text", id: "text", segment: "bigint", data: "text" };
const BRANCHES: Columns = { n: "bigint", name: "text", head: "text" };
const GIVEN: Columns = { n: "bigint", tenant: "text", id: "text", version: "bigint" };
const OPERATIONS: Columns = {
  n: "bigint",
  tenant: "text",
  user_id: "text",
  op_id: "text",
  digest: "text",
  from_version: "bigint",
  to_version: "bigint",
};
const SEGMENTS: Columns = {
  n: "bigint",
  number: "bigint",
  start_depth: "bigint",
  parent_number: "bigint",
  parent_position: "bigint",
};
const COMMITS: Columns = { n: "bigint", mid: "text", version: "bigint" };
const BLOBS: Columns = { n: "bigint", tenant: "text", sha256: "text", mid: "text" };
const LISTINGS: Columns = { n: "bigint", tenant: "text", user_id: "text", state: "bigint" };
const MEMBERS: Columns = { n: "bigint", user_id: "text", role: "text" };

/**
 * One statement for whatever chains leave behind: heads are locked in the order of their numbers, compared and set, and
 * every other row goes with the head of its chain. Answers number and thread of the chains that were written; the others
 * left nothing. Parts that no chain needs are left out.
 */
export function quickStatement(
  chains: readonly QuickChain[],
  tids: readonly (number | undefined)[],
): QuickStatement {
  const values: unknown[] = [];
  const parts: string[] = [];
  const add = (part: string): void => void parts.push(part);

  /** A table of rows that are sent as one array per column. */
  const table = (name: string, columns: Columns, rows: readonly (readonly Cell[])[]): string => {
    const arrays = Object.values(columns).map((type, column) => {
      const place = values.push(arrayLiteral(rows.map((row) => row[column])));
      return `$${place}::${type}[]`;
    });
    return `unnest(${arrays.join(", ")}) AS ${name}(${Object.keys(columns).join(", ")})`;
  };
  /** Rows of all chains; the number of the chain comes first. */
  const rowsOf = (
    make: (chain: QuickChain) => readonly (readonly Cell[])[],
  ): readonly (readonly Cell[])[] =>
    chains.flatMap((chain, n) => make(chain).map((row) => [n, ...row]));
  const insert = (
    target: string,
    columns: Columns,
    make: (chain: QuickChain) => readonly (readonly Cell[])[],
    end = "",
  ): void => {
    const rows = rowsOf(make);
    if (rows.length === 0) return;
    const names = Object.keys(columns).slice(1);
    add(`in_${target} AS (INSERT INTO skein_${target} (tid, ${names.join(", ")})
      SELECT m.tid, ${names.map((name) => `r.${name}`).join(", ")}
      FROM ${table("r", columns, rows)} JOIN moved m ON m.n = r.n ${end})`);
  };

  add(
    `w AS MATERIALIZED (SELECT * FROM ${table(
      "w",
      WRITES,
      chains.map((chain, n) => [...writeRow(chain, n), tids[n] ?? null]),
    )})`,
  );
  const given = rowsOf(({ tenant, given: ids }) => ids.map((it) => [tenant, ...it]));
  const operations = rowsOf(({ tenant, operations: of }) =>
    of.map((it) => [tenant, it.user, it.opId, it.digest, it.fromVersion, it.toVersion]),
  );
  const commits = rowsOf(({ commits: of }) => of.map((it) => [it.messageId, it.version]));
  const guards: string[] = [];
  if (given.length > 0) {
    add(`g AS MATERIALIZED (SELECT * FROM ${table("g", GIVEN, given)})`);
    guards.push(`SELECT g.n FROM g WHERE EXISTS (SELECT 1 FROM skein_given_id x WHERE x.tenant = g.tenant AND x.id = g.id)
      OR EXISTS (SELECT 1 FROM skein_entry e JOIN skein_thread t ON t.tid = e.tid
        WHERE e.mid = g.id AND e.role IS NOT NULL AND e.given IS NULL AND t.tenant = g.tenant)`);
  }
  if (operations.length > 0) {
    add(`o AS MATERIALIZED (SELECT * FROM ${table("o", OPERATIONS, operations)})`);
    guards.push(`SELECT o.n FROM o WHERE EXISTS (SELECT 1 FROM skein_operation x
      WHERE x.tenant = o.tenant AND x.user_id = o.user_id AND x.op_id = o.op_id)`);
  }
  if (commits.length > 0) {
    add(`c AS MATERIALIZED (SELECT * FROM ${table("c", COMMITS, commits)})`);
    // What was redacted while it was written is erased the long way.
    guards.push(`SELECT c.n FROM c JOIN skein_entry e ON e.mid = c.mid
      WHERE e.op = ${OP_CODES["message.open"]} AND e.body IS NULL AND e.payload LIKE '%"redacted":true}'`);
  }
  const isFree =
    guards.length === 0 ? "true" : `NOT EXISTS (SELECT 1 FROM taken WHERE taken.n = w.n)`;
  if (guards.length > 0) add(`taken AS MATERIALIZED (${guards.join(" UNION ALL ")})`);

  // A number that is known saves the look at the thread.
  const areKnown = chains.every(({ base }, n) => base === 0 || tids[n] !== undefined);
  const heads = areKnown
    ? "skein_head h ON h.tid = w.tid"
    : "skein_thread t ON t.tenant = w.tenant AND t.id = w.id JOIN skein_head h ON h.tid = t.tid";
  const fits = `h.version = w.base AND (w.kept = 0 OR strpos(h.hot, '${ERASED}') = 0) AND ${isFree}`;
  const change = "version = w.version, updated_at = w.updated_at, status = w.status, hot = w.hot";
  const written: string[] = [];
  if (chains.length === 1 && areKnown && chains[0]?.base !== 0) {
    // Nobody can wait for a single row in a circle.
    add(`changed AS (UPDATE skein_head h SET ${change} FROM w WHERE h.tid = w.tid AND ${fits}
      RETURNING w.n, h.tid)`);
    written.push("SELECT n, tid FROM changed");
  } else if (chains.some(({ base }) => base !== 0)) {
    add(`locked AS MATERIALIZED (SELECT w.n, h.tid FROM w JOIN ${heads}
      WHERE ${fits} ORDER BY h.tid FOR UPDATE OF h)`);
    add(`changed AS (UPDATE skein_head h SET ${change} FROM locked l JOIN w ON w.n = l.n
      WHERE h.tid = l.tid AND h.version = w.base RETURNING l.n, h.tid)`);
    written.push("SELECT n, tid FROM changed");
  }
  if (chains.some(({ base }) => base === 0)) {
    addNewThreads();
    written.push("SELECT n, tid FROM created");
  }
  add(`moved AS MATERIALIZED (${written.join(" UNION ALL ")})`);

  const entryNames = ENTRY_COLUMNS.join(", ");
  add(`in_entry AS (INSERT INTO skein_entry (tid, body, digest, ${entryNames})
    SELECT m.tid, r.body, sha256(convert_to(r.payload, 'UTF8')),
      ${ENTRY_COLUMNS.map((name) => `r.${name}`).join(", ")}
    FROM ${table(
      "r",
      ENTRIES,
      rowsOf((chain) => chain.entries.map(({ row, body }) => [body, ...row])),
    )}
      JOIN moved m ON m.n = r.n ORDER BY m.tid, r.version)`);
  const profiles = rowsOf(({ base, profile }) =>
    base === 0 || profile === undefined ? [] : [profile.columns],
  );
  if (profiles.length > 0)
    add(`in_profile AS (UPDATE skein_thread t SET ${Object.keys(PROFILE)
      .map((name) => `${name} = r.${name}`)
      .join(", ")}
    FROM ${table("r", PROFILES, profiles)} JOIN moved m ON m.n = r.n WHERE t.tid = m.tid)`);
  insert(
    "run",
    RUNS,
    ({ runs }) => runs,
    `ORDER BY r.ended DESC ON CONFLICT (tid, id) DO UPDATE SET
    status = excluded.status, branch = excluded.branch, holds = excluded.holds, ended = excluded.ended,
    due_at = excluded.due_at, calls = excluded.calls, data = excluded.data`,
  );
  insert(
    "step",
    STEPS,
    ({ steps }) => steps,
    `ON CONFLICT (tid, run_id, id) DO UPDATE SET
    segment = excluded.segment, data = excluded.data`,
  );
  insert(
    "branch",
    BRANCHES,
    ({ branches }) => [...branches],
    `ON CONFLICT (tid, name) DO UPDATE SET head = excluded.head`,
  );
  insert(
    "blob_ref",
    BLOBS,
    ({ tenant, blobs }) => blobs.map((it) => [tenant, ...it]),
    "ON CONFLICT DO NOTHING",
  );
  const segments = rowsOf(({ segments: of }) =>
    of.map(({ number, startDepth, parent }) => [
      number,
      startDepth,
      parent?.number ?? null,
      parent?.position ?? null,
    ]),
  );
  if (segments.length > 0)
    add(`in_segment AS (INSERT INTO skein_segment
        (tid, number, start_depth, parent_tid, parent_number, parent_position)
      SELECT m.tid, r.number, r.start_depth, CASE WHEN r.parent_number IS NOT NULL THEN m.tid END,
        r.parent_number, r.parent_position
      FROM ${table("r", SEGMENTS, segments)} JOIN moved m ON m.n = r.n)`);
  if (given.length > 0)
    add(`in_given AS (INSERT INTO skein_given_id (tenant, id, tid, version, place)
      SELECT g.tenant, g.id, m.tid, g.version, g.version FROM g JOIN moved m ON m.n = g.n
      WHERE g.version IS NOT NULL)`);
  if (operations.length > 0)
    add(`in_operation AS (INSERT INTO skein_operation
        (tenant, user_id, op_id, tid, digest, from_version, to_version)
      SELECT o.tenant, o.user_id, o.op_id, m.tid, o.digest, o.from_version, o.to_version
      FROM o JOIN moved m ON m.n = o.n)`);
  if (commits.length > 0) {
    add(`in_body AS (UPDATE skein_entry e SET body = c.version FROM c JOIN moved m ON m.n = c.n
      WHERE e.tid = m.tid AND e.mid = c.mid AND e.op = ${OP_CODES["message.open"]} AND e.body IS NULL)`);
    add(`out_chunk AS (DELETE FROM skein_chunk k USING c JOIN moved m ON m.n = c.n
      WHERE k.tid = m.tid AND k.mid = c.mid)`);
  }
  return { text: `WITH ${parts.join(",\n")}\nSELECT n, tid FROM moved`, values, isPlain: false };

  function addNewThreads(): void {
    const profileNames = Object.keys(PROFILE);
    const rows = rowsOf(({ base, profile }) =>
      base === 0 && profile !== undefined ? [profile.columns] : [],
    );
    add(`p AS MATERIALIZED (SELECT * FROM ${table("p", PROFILES, rows)})`);
    add(`thread AS (INSERT INTO skein_thread (tenant, id, ${profileNames.join(", ")})
      SELECT w.tenant, w.id, ${profileNames.map((name) => `p.${name}`).join(", ")}
      FROM w JOIN p ON p.n = w.n WHERE w.base = 0 AND ${isFree} ORDER BY w.tenant, w.id
      ON CONFLICT (tenant, id) DO NOTHING RETURNING tid, tenant, id)`);
    add(`created AS MATERIALIZED (SELECT w.n, thread.tid FROM thread
      JOIN w ON w.tenant = thread.tenant AND w.id = thread.id AND w.base = 0)`);
    add(`in_head AS (INSERT INTO skein_head (tid, version, updated_at, listed_at, status, hot)
      SELECT m.tid, w.version, w.updated_at, w.updated_at, w.status, w.hot
      FROM created m JOIN w ON w.n = m.n)`);
    const members = rowsOf(({ listing }) => listing?.members ?? []);
    if (members.length > 0)
      add(`in_member AS (INSERT INTO skein_member (tid, user_id, role)
        SELECT m.tid, r.user_id, r.role FROM ${table("r", MEMBERS, members)} JOIN created m ON m.n = r.n)`);
    const listings = rowsOf(listingRows);
    if (listings.length > 0)
      add(`in_listing AS (INSERT INTO skein_listing (tenant, user_id, state, listed_at, id, tid)
        SELECT r.tenant, r.user_id, r.state, w.updated_at, w.id, m.tid
        FROM ${table("r", LISTINGS, listings)} JOIN created m ON m.n = r.n JOIN w ON w.n = m.n)`);
  }
}

function writeRow({ tenant, id, base, last, isKept }: QuickChain, n: number): readonly Cell[] {
  const { version, updatedAt, status, hot } = last;
  return [n, tenant, id, base, version, updatedAt, status, hot, isKept ? 1 : 0];
}

function listingRows({ tenant, base, listing }: QuickChain): readonly (readonly Cell[])[] {
  const state = listing?.state ?? null;
  if (base !== 0 || listing === undefined || state === null) return [];
  const members = listing.members.map(([user]) => user);
  return listNamesOf(listing.owner, members).map((list) => [tenant, list, state]);
}
