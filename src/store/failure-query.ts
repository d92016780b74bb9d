import type { Database } from 'better-sqlite3';
import type { FailureFilter, GroupedFailures, Page, PageRequest, TimePrecision, Verdict } from '../domain.ts';
import { decodeCursor, decodeWordCursor, encodeCursor, encodeWordCursor } from './failure-cursor.ts';
import {
  conditionsOf,
  MATCHED,
  NEWEST_FIRST,
  NEWEST_MATCH_FIRST,
  sourceOf,
  valuesOf,
  where,
} from './failure-filter.ts';
import type { Condition, Value } from './failure-filter.ts';
import { foldCase } from './failure-table.ts';
import { wordsOf, type WordMatch } from './failure-words.ts';

interface ListedRow {
  readonly order_us: number;
  readonly byte_start: number;
  readonly id: string;
  readonly seq: string;
  readonly verdict: string;
}

const COLUMNS = 'order_us, byte_start, id, CAST(seq AS TEXT) AS seq, verdict';

/** Counting stops here: who has more matches than this does not need their number to see that the question was too wide. */
export const COUNT_LIMIT = 1000;
/** A piece from the middle of a word is no word: it is looked for in so many of the newest failures. */
const SCAN_LIMIT = 5000;

const WIDTH_US: Readonly<Record<TimePrecision, number>> = { second: 1_000_000, millisecond: 1000, microsecond: 1 };

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
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  byId(id: string): Verdict | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : read(row);
  }

  /** Ids sort as text, so a prefix is a range. */
  byIdPrefix(prefix: string, limit: number): readonly Verdict[] {
    return this.#statements.byIdPrefix.all(prefix, `${prefix}\u{10FFFF}`, limit).map(read);
  }

  byRequest(requestId: string, limit: number): readonly Verdict[] {
    return this.#statements.byRequest.all(requestId, limit).map(read);
  }

  at(fileId: number, byteStart: number): Verdict | null {
    const row = this.#statements.atPlace.get(fileId, byteStart);
    return row === undefined ? null : read(row);
  }

  /** The failures whose Postgres entry begins there, in a file of that name. */
  byEntry(file: string, byteStart: number): readonly Verdict[] {
    return this.#statements.byEntry
      .all(byteStart, COUNT_LIMIT)
      .map(read)
      .filter((verdict) => verdict.postgres?.file === file);
  }

  /** @throws WhydError `query.bad_cursor` */
  page(filter: FailureFilter, { limit, cursor }: PageRequest): Page<Verdict> {
    const words = wordsOf(filter, 'all');
    return words === null ? this.#pageByTime(filter, limit, cursor) : this.#pageByWords(words, filter, limit, cursor);
  }

  /** Counts up to COUNT_LIMIT. */
  count(filter: FailureFilter): number {
    const words = wordsOf(filter, 'all');
    const conditions = conditionsOf(filter, words);
    return this.#all<{ one: number }>(
      `SELECT 1 AS one FROM ${sourceOf(words)} ${where(conditions)} LIMIT ${String(COUNT_LIMIT)}`,
      conditions,
    ).length;
  }

  /** Of a text the words in their order are looked for first, then in any order, then the text as a piece of the newest failures. */
  grouped(filter: FailureFilter, limit: number): GroupedFailures {
    if (filter.text === undefined) return this.#grouped(filter, wordsOf(filter, 'all'), limit);
    for (const how of ['phrase', 'all'] as const satisfies readonly WordMatch[]) {
      const words = wordsOf(filter, how);
      const found = words === null ? null : this.#grouped(filter, words, limit);
      if (found !== null && found.total > 0) return found;
    }
    return this.#groupedByPiece(filter.text, limit);
  }

  /** Nearest first; of equally near ones the newer first. */
  near(us: number, limit: number): readonly Verdict[] {
    const rows = [...this.#statements.atOrBefore.all(us, limit), ...this.#statements.after.all(us, limit)];
    const ranked = rows.map((row) => {
      const verdict = read(row);
      return { row, verdict, distance: distanceUs(row, verdict, us) };
    });
    ranked.sort(
      (a, b) => a.distance - b.distance || b.row.order_us - a.row.order_us || b.row.byte_start - a.row.byte_start,
    );
    return ranked.slice(0, limit).map((one) => one.verdict);
  }

  #pageByTime(filter: FailureFilter, limit: number, cursor: string | null): Page<Verdict> {
    const place = cursor === null ? null : decodeCursor(cursor);
    const conditions: Condition[] = [...conditionsOf(filter, null)];
    if (place !== null) {
      const values = [place.orderUs, place.byteStart, place.id];
      conditions.push({ sql: '(order_us, byte_start, id) < (?, ?, ?)', values });
    }
    // One more than asked for tells whether there is a further page.
    const sql = `SELECT ${COLUMNS} FROM failures ${where(conditions)} ${NEWEST_FIRST} LIMIT ${String(limit + 1)}`;
    const { items, last } = cut(this.#all<ListedRow>(sql, conditions), limit);
    const next =
      last === null ? null : encodeCursor({ orderUs: last.order_us, byteStart: last.byte_start, id: last.id });
    return { items: items.map(read), nextCursor: next };
  }

  #pageByWords(words: string, filter: FailureFilter, limit: number, cursor: string | null): Page<Verdict> {
    const conditions: Condition[] = [...conditionsOf(filter, words)];
    if (cursor !== null) conditions.push({ sql: 'w.rowid < ?', values: [decodeWordCursor(cursor)] });
    const sql = `SELECT ${COLUMNS} FROM ${MATCHED} ${where(conditions)} ${NEWEST_MATCH_FIRST} LIMIT ${String(limit + 1)}`;
    const { items, last } = cut(this.#all<ListedRow>(sql, conditions), limit);
    return { items: items.map(read), nextCursor: last === null ? null : encodeWordCursor(last.seq) };
  }

  #grouped(filter: FailureFilter, words: string | null, limit: number): GroupedFailures {
    const conditions = conditionsOf(filter, words);
    const order = words === null ? NEWEST_FIRST : NEWEST_MATCH_FIRST;
    return this.#groups(
      this.#all<{ issue: string; id: string }>(
        `SELECT issue, id FROM ${sourceOf(words)} ${where(conditions)} ${order} LIMIT ${String(COUNT_LIMIT)}`,
        conditions,
      ),
      limit,
    );
  }

  #groupedByPiece(text: string, limit: number): GroupedFailures {
    return this.#groups(this.#statements.byPiece.all(foldCase(text)), limit);
  }

  /** Newest first in, newest first out. */
  #groups(rows: readonly { readonly issue: string; readonly id: string }[], limit: number): GroupedFailures {
    const counts = new Map<string, { readonly id: string; count: number }>();
    for (const { issue, id } of rows) {
      const known = counts.get(issue);
      if (known === undefined) counts.set(issue, { id, count: 1 });
      else known.count += 1;
    }
    const groups = [...counts].slice(0, limit).flatMap(([issue, { id, count }]) => {
      const newest = this.byId(id);
      return newest === null ? [] : [{ issue, newest, count }];
    });
    return { total: rows.length, groups };
  }

  #all<Row>(sql: string, conditions: readonly Condition[]): Row[] {
    return this.#database.prepare<Value[], Row>(sql).all(...valuesOf(conditions));
  }
}

function cut(rows: readonly ListedRow[], limit: number): { items: readonly ListedRow[]; last: ListedRow | null } {
  const items = rows.slice(0, limit);
  return { items, last: rows.length > limit ? (items.at(-1) ?? null) : null };
}

function prepare(database: Database) {
  return {
    byId: database.prepare<[string], { verdict: string }>('SELECT verdict FROM failures WHERE id = ?'),
    byIdPrefix: database.prepare<[string, string, number], { verdict: string }>(
      'SELECT verdict FROM failures WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?',
    ),
    byRequest: database.prepare<[string, number], { verdict: string }>(
      `SELECT verdict FROM failures WHERE request_id = ? ${NEWEST_FIRST} LIMIT ?`,
    ),
    byEntry: database.prepare<[number, number], { verdict: string }>(
      'SELECT verdict FROM failures WHERE entry_byte = ? LIMIT ?',
    ),
    atPlace: database.prepare<[number, number], { verdict: string }>(
      'SELECT verdict FROM failures WHERE symptom_file_id = ? AND byte_start = ?',
    ),
    atOrBefore: database.prepare<[number, number], ListedRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us <= ? ${NEWEST_FIRST} LIMIT ?`,
    ),
    after: database.prepare<[number, number], ListedRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us > ? ORDER BY order_us, byte_start, id LIMIT ?`,
    ),
    byPiece: database.prepare<[string], { issue: string; id: string }>(
      `SELECT issue, id FROM (SELECT issue, id, search FROM failures ${NEWEST_FIRST} LIMIT ${String(SCAN_LIMIT)})
       WHERE instr(search, ?) > 0 LIMIT ${String(COUNT_LIMIT)}`,
    ),
  };
}
