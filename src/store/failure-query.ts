import type { Database } from 'better-sqlite3';
import type { FailureFilter, JsonBytesOf, JsonOf, Page, PageRequest, Verdict } from '../domain.ts';
import { decodeCursor, decodeWordCursor, encodeCursor, encodeWordCursor } from './failure-cursor.ts';
import { conditionsOf, MATCHED, NEWEST_FIRST, NEWEST_MATCH_FIRST, valuesOf, where } from './failure-filter.ts';
import type { Condition, Value } from './failure-filter.ts';
import { SCAN_LIMIT } from './failure-groups.ts';
import type { FailureLookups } from './failure-lookups.ts';
import { foldCase } from './failure-table.ts';
import { WHOLE, wordsIn, wordsOf } from './failure-words.ts';
import { StatementCache } from './statement-cache.ts';

/** Files of other names may have an entry at the same place. */
const PER_PLACE_LIMIT = 500;

/** A failure's place in the list by time, or among those that words were found in. */
interface TimedRow {
  readonly order_us: number;
  readonly byte_start: number;
  readonly id: string;
}
interface MatchedRow {
  readonly seq: string;
  readonly id: string;
}

const TIMED = 'order_us, byte_start, id';

function read(row: { readonly verdict: string }): Verdict {
  return JSON.parse(row.verdict) as Verdict;
}

/** The readers' questions about failures. */
export class FailureQuery {
  readonly #lists: StatementCache;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #lookups: FailureLookups;

  constructor(database: Database, lookups: FailureLookups) {
    this.#lists = new StatementCache(database);
    this.#statements = prepare(database);
    this.#lookups = lookups;
  }

  byId(id: string): Verdict | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : read(row);
  }

  byIdAsJson(id: string): { readonly json: JsonOf<Verdict>; readonly isSettled: boolean } | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : { json: row.verdict, isSettled: row.settled === 1 };
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
      .all(byteStart, PER_PLACE_LIMIT)
      .map(read)
      .filter((verdict) => verdict.postgres?.file === file);
  }

  /**
   * Words in any order, the last one perhaps cut short. A text without any word is looked for as it stands among the newest failures that pass the other
   * filters. @throws WhydError `query.bad_cursor`
   */
  page(filter: FailureFilter, page: PageRequest): Page<Verdict> {
    const { items, nextCursor } = this.#page(filter, page);
    return { items: this.#lookups.verdicts.of(items), nextCursor };
  }

  /** The same, as it is sent. @throws WhydError `query.bad_cursor` */
  pageAsJson(filter: FailureFilter, page: PageRequest): JsonBytesOf<Page<Verdict>> {
    const { items, nextCursor } = this.#page(filter, page);
    return Buffer.concat([
      Buffer.from('{"items":'),
      this.#lookups.verdicts.asJson(items),
      Buffer.from(`,"nextCursor":${JSON.stringify(nextCursor)}}`),
    ]);
  }

  /** The ids of a page's failures: an index has them and the order, so that only what is shown is read whole. */
  #page(filter: FailureFilter, { limit, cursor }: PageRequest): Page<string> {
    const { text, ...others } = filter;
    if (text === undefined || wordsIn(text).length > 0) {
      const words = this.#expressionOf(filter);
      if (words === undefined) return { items: [], nextCursor: null };
      return words === null ? this.#pageByTime(filter, limit, cursor) : this.#pageByWords(words, filter, limit, cursor);
    }
    return this.#pageByTime(others, limit, cursor, foldCase(text));
  }

  /** Null: the filter needs no index of words; undefined: nothing can fit, because no word begins like the last one. */
  #expressionOf(filter: FailureFilter): string | null | undefined {
    const ending = filter.text === undefined ? undefined : wordsIn(filter.text).at(-1);
    const last = ending === undefined ? WHOLE : this.#lookups.endings.of(ending);
    return last === null ? undefined : wordsOf(filter, last);
  }

  /** @param piece what its texts must hold, in lower case: looked for in the newest SCAN_LIMIT that fit otherwise */
  #pageByTime(filter: FailureFilter, limit: number, cursor: string | null, piece: string | null = null): Page<string> {
    const place = cursor === null ? null : decodeCursor(cursor);
    const conditions: Condition[] = [...conditionsOf(filter, null)];
    if (place !== null) {
      const values = [place.orderUs, place.byteStart, place.id];
      conditions.push({ sql: '(order_us, byte_start, id) < (?, ?, ?)', values });
    }
    // One more than asked for tells whether there is a further page.
    const last = `LIMIT ${String(limit + 1)}`;
    const walk = (columns: string) => `SELECT ${columns} FROM failures ${where(conditions)} ${NEWEST_FIRST}`;
    const rows =
      piece === null
        ? this.#all<TimedRow>(`${walk(TIMED)} ${last}`, conditions)
        : this.#all<TimedRow>(
            `SELECT * FROM (${walk(`${TIMED}, search`)} LIMIT ${String(SCAN_LIMIT)}) WHERE instr(search, ?) > 0 ${last}`,
            conditions,
            piece,
          );
    return pageOf(rows, limit, ({ order_us: orderUs, byte_start: byteStart, id }) =>
      encodeCursor({ orderUs, byteStart, id }),
    );
  }

  #pageByWords(words: string, filter: FailureFilter, limit: number, cursor: string | null): Page<string> {
    const conditions: Condition[] = [...conditionsOf(filter, words), ...this.#lookups.spans.conditionsOf(filter)];
    if (cursor !== null) conditions.push({ sql: 'w.rowid < ?', values: [decodeWordCursor(cursor)] });
    // As text: the number is too large for one of JavaScript's.
    const sql = `SELECT CAST(seq AS TEXT) AS seq, id FROM ${MATCHED} ${where(conditions)} ${NEWEST_MATCH_FIRST} LIMIT ${String(limit + 1)}`;
    return pageOf(this.#all<MatchedRow>(sql, conditions), limit, ({ seq }) => encodeWordCursor(seq));
  }

  #all<Row>(sql: string, conditions: readonly Condition[], ...more: readonly Value[]): Row[] {
    return this.#lists.get<Row>(sql).all(...valuesOf(conditions), ...more);
  }
}

function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  cursorAt: (row: Row) => string,
): Page<string> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(({ id }) => id), nextCursor: last === undefined ? null : cursorAt(last) };
}

function prepare(database: Database) {
  return {
    byId: database.prepare<[string], { verdict: string; settled: number }>(
      'SELECT verdict, settled FROM failures WHERE id = ?',
    ),
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
  };
}
