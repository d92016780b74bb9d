import type { Database } from 'better-sqlite3';
import type { FailureFilter, Page, TimePrecision, Verdict } from '../domain.ts';
import { decodeCursor, encodeCursor } from './failure-cursor.ts';
import { foldCase } from './failure-table.ts';

type Value = string | number;

interface ListedRow {
  readonly order_us: number;
  readonly byte_start: number;
  readonly id: string;
  readonly verdict: string;
}

interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

const COLUMNS = 'order_us, byte_start, id, verdict';
const NEWEST_FIRST = 'ORDER BY order_us DESC, byte_start DESC, id DESC';

/** One row a filter. The text is searched with instr(): it knows no wildcards that would need escaping, and no pattern length. */
const FILTERS: { readonly [K in keyof FailureFilter]-?: string } = {
  sinceUs: 'order_us >= ?',
  untilUs: 'order_us < ?',
  cause: 'cause = ?',
  operation: 'operation = ?',
  sqlstate: 'sqlstate = ?',
  certainty: 'certainty = ?',
  issue: "verdict ->> 'issue' = ?",
  text: 'instr(search, ?) > 0',
};

const WIDTH_US: Readonly<Record<TimePrecision, number>> = { second: 1_000_000, millisecond: 1000, microsecond: 1 };

function conditionsOf(filter: FailureFilter): readonly Condition[] {
  const folded = filter.text === undefined ? filter : { ...filter, text: foldCase(filter.text) };
  const names = Object.keys(FILTERS) as (keyof FailureFilter)[];
  return names.flatMap((name) => {
    const value = folded[name];
    return value === undefined ? [] : [{ sql: FILTERS[name], values: [value] }];
  });
}

function where(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.map((one) => one.sql).join(' AND ')}`;
}

function valuesOf(conditions: readonly Condition[]): readonly Value[] {
  return conditions.flatMap((one) => one.values);
}

function read(row: Pick<ListedRow, 'verdict'>): Verdict {
  return JSON.parse(row.verdict) as Verdict;
}

/** A time of second precision is a whole second: within it, every moment is equally near. */
function distanceUs(row: ListedRow, verdict: Verdict, us: number): number {
  const width = verdict.atPrecision === null ? 1 : WIDTH_US[verdict.atPrecision];
  if (us < row.order_us) return row.order_us - us;
  return Math.max(0, us - (row.order_us + width - 1));
}

/** The readers' questions about failures. */
export class FailureQuery {
  readonly #database: Database;
  readonly #byId;
  readonly #atPlace;
  readonly #atOrBefore;
  readonly #after;

  constructor(database: Database) {
    this.#database = database;
    this.#byId = database.prepare<[string], { verdict: string }>('SELECT verdict FROM failures WHERE id = ?');
    this.#atPlace = database.prepare<[number, number], { verdict: string }>(
      'SELECT verdict FROM failures WHERE symptom_file_id = ? AND byte_start = ?',
    );
    this.#atOrBefore = database.prepare<[number, number], ListedRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us <= ? ${NEWEST_FIRST} LIMIT ?`,
    );
    this.#after = database.prepare<[number, number], ListedRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us > ? ORDER BY order_us, byte_start, id LIMIT ?`,
    );
  }

  byId(id: string): Verdict | null {
    const row = this.#byId.get(id);
    return row === undefined ? null : read(row);
  }

  at(fileId: number, byteStart: number): Verdict | null {
    const row = this.#atPlace.get(fileId, byteStart);
    return row === undefined ? null : read(row);
  }

  /** @throws WhydError `query.bad_cursor` */
  page(filter: FailureFilter, limit: number, cursor: string | null): Page<Verdict> {
    const place = cursor === null ? null : decodeCursor(cursor);
    const conditions = [...conditionsOf(filter)];
    if (place !== null) {
      const values = [place.orderUs, place.byteStart, place.id];
      conditions.push({ sql: '(order_us, byte_start, id) < (?, ?, ?)', values });
    }
    // One more than asked for tells whether there is a further page.
    const rows = this.#database
      .prepare<Value[], ListedRow>(`SELECT ${COLUMNS} FROM failures ${where(conditions)} ${NEWEST_FIRST} LIMIT ?`)
      .all(...valuesOf(conditions), limit + 1);
    const listed = rows.slice(0, limit);
    const last = rows.length > limit ? listed.at(-1) : undefined;
    const nextCursor =
      last === undefined ? null : encodeCursor({ orderUs: last.order_us, byteStart: last.byte_start, id: last.id });
    return { items: listed.map(read), nextCursor };
  }

  count(filter: FailureFilter): number {
    const conditions = conditionsOf(filter);
    const row = this.#database
      .prepare<Value[], { total: number }>(`SELECT count(*) AS total FROM failures ${where(conditions)}`)
      .get(...valuesOf(conditions));
    return row?.total ?? 0;
  }

  /** Nearest first; of equally near ones the newer first. */
  near(us: number, limit: number): readonly Verdict[] {
    const rows = [...this.#atOrBefore.all(us, limit), ...this.#after.all(us, limit)];
    const ranked = rows.map((row) => {
      const verdict = read(row);
      return { row, verdict, distance: distanceUs(row, verdict, us) };
    });
    ranked.sort(
      (a, b) => a.distance - b.distance || b.row.order_us - a.row.order_us || b.row.byte_start - a.row.byte_start,
    );
    return ranked.slice(0, limit).map((one) => one.verdict);
  }
}
