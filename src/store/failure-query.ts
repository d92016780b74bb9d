import type { Database } from 'better-sqlite3';
import type { FailureFilter, JsonOf, Page, PageRequest, Verdict } from '../domain.ts';
import { decodeCursor, decodeWordCursor, encodeCursor, encodeWordCursor } from './failure-cursor.ts';
import { conditionsOf, MATCHED, NEWEST_FIRST, NEWEST_MATCH_FIRST, valuesOf, where } from './failure-filter.ts';
import type { Condition, Value } from './failure-filter.ts';
import { COUNT_LIMIT, SCAN_LIMIT } from './failure-groups.ts';
import { foldCase } from './failure-table.ts';
import { WHOLE, wordsIn, wordsOf } from './failure-words.ts';
import { IncidentSpan } from './incident-span.ts';
import { StatementCache } from './statement-cache.ts';
import { WordEndings } from './word-endings.ts';

interface ListedRow {
  readonly order_us: number;
  readonly byte_start: number;
  readonly id: string;
  readonly seq: string;
  readonly verdict: string;
}

const COLUMNS = 'order_us, byte_start, id, CAST(seq AS TEXT) AS seq, verdict';

function read(row: Pick<ListedRow, 'verdict'>): Verdict {
  return JSON.parse(row.verdict) as Verdict;
}

/** The readers' questions about failures. */
export class FailureQuery {
  readonly #lists: StatementCache;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #endings: WordEndings;
  readonly #spans: IncidentSpan;

  constructor(database: Database) {
    this.#lists = new StatementCache(database);
    this.#statements = prepare(database);
    this.#endings = new WordEndings(database);
    this.#spans = new IncidentSpan(database);
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
      .all(byteStart, COUNT_LIMIT)
      .map(read)
      .filter((verdict) => verdict.postgres?.file === file);
  }

  /**
   * Words in any order, the last one perhaps cut short. A text without any word is looked for as it stands among the newest failures that pass the other
   * filters. @throws WhydError `query.bad_cursor`
   */
  page(filter: FailureFilter, page: PageRequest): Page<Verdict> {
    const { items, nextCursor } = this.#page(filter, page);
    return { items: items.map(read), nextCursor };
  }

  /** The same, as it is sent: fifty verdicts are 150 kB that need not be read to be written again. @throws WhydError `query.bad_cursor` */
  pageAsJson(filter: FailureFilter, page: PageRequest): JsonOf<Page<Verdict>> {
    const { items, nextCursor } = this.#page(filter, page);
    return `{"items":[${items.map(({ verdict }) => verdict).join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}`;
  }

  #page(filter: FailureFilter, { limit, cursor }: PageRequest): Page<ListedRow> {
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
    const last = ending === undefined ? WHOLE : this.#endings.of(ending);
    return last === null ? undefined : wordsOf(filter, last);
  }

  /** @param piece what its texts must hold, in lower case: looked for in the newest SCAN_LIMIT that fit otherwise */
  #pageByTime(
    filter: FailureFilter,
    limit: number,
    cursor: string | null,
    piece: string | null = null,
  ): Page<ListedRow> {
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
        ? this.#all<ListedRow>(`${walk(COLUMNS)} ${last}`, conditions)
        : this.#all<ListedRow>(
            `SELECT * FROM (${walk(`${COLUMNS}, search`)} LIMIT ${String(SCAN_LIMIT)}) WHERE instr(search, ?) > 0 ${last}`,
            conditions,
            piece,
          );
    const page = cut(rows, limit);
    const next =
      page.last === null
        ? null
        : encodeCursor({ orderUs: page.last.order_us, byteStart: page.last.byte_start, id: page.last.id });
    return { items: page.items, nextCursor: next };
  }

  #pageByWords(words: string, filter: FailureFilter, limit: number, cursor: string | null): Page<ListedRow> {
    const conditions: Condition[] = [...conditionsOf(filter, words), ...this.#spans.conditionsOf(filter)];
    if (cursor !== null) conditions.push({ sql: 'w.rowid < ?', values: [decodeWordCursor(cursor)] });
    const sql = `SELECT ${COLUMNS} FROM ${MATCHED} ${where(conditions)} ${NEWEST_MATCH_FIRST} LIMIT ${String(limit + 1)}`;
    const { items, last } = cut(this.#all<ListedRow>(sql, conditions), limit);
    return { items, nextCursor: last === null ? null : encodeWordCursor(last.seq) };
  }

  #all<Row>(sql: string, conditions: readonly Condition[], ...more: readonly Value[]): Row[] {
    return this.#lists.get<Row>(sql).all(...valuesOf(conditions), ...more);
  }
}

function cut(rows: readonly ListedRow[], limit: number): { items: readonly ListedRow[]; last: ListedRow | null } {
  const items = rows.slice(0, limit);
  return { items, last: rows.length > limit ? (items.at(-1) ?? null) : null };
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
