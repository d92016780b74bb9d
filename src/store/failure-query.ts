import type { Database } from 'better-sqlite3';
import type { FailureFilter, GroupedFailures, JsonOf, Page, PageRequest, TimePrecision, Verdict } from '../domain.ts';
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
import { sequenceOf, wordsIn, wordsOf, type LastWord } from './failure-words.ts';
import { seqFloor } from './failure-seq.ts';
import { StatementCache } from './statement-cache.ts';
import { WordEndings } from './word-endings.ts';

interface ListedRow {
  readonly order_us: number;
  readonly byte_start: number;
  readonly id: string;
  readonly seq: string;
  readonly verdict: string;
}

interface FittingRow {
  readonly issue: string;
  readonly id: string;
}

const COLUMNS = 'order_us, byte_start, id, CAST(seq AS TEXT) AS seq, verdict';

/** Counting stops here: who has more matches than this does not need their number to see that the question was too wide. A thousand took twice the time. */
export const COUNT_LIMIT = 500;
/** In so many of the failures that hold all words it is looked whether they hold them in their order: some .7 ms. */
const ORDER_LIMIT = 100;
/** A piece from the middle of a word is no word: it is looked for in what so many issues say, the last seen first, ... */
const ISSUE_SCAN_LIMIT = 2000;
/** ... then in so many of the newest failures, which takes some 2 ms. */
const SCAN_LIMIT = 1000;
/** What an issue says has these taken out or made alike. */
const VARYING = /[\d'"\\]/;

const WHOLE: LastWord = { kind: 'whole' };

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
  readonly #lists: StatementCache;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #endings: WordEndings;

  constructor(database: Database) {
    this.#lists = new StatementCache(database);
    this.#statements = prepare(database);
    this.#endings = new WordEndings(database);
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

  /**
   * Of a text the words in their order are looked for first, then in any order, then with the last one cut short, then the text as a piece of what issues
   * and the newest failures say.
   */
  grouped(filter: FailureFilter, limit: number): GroupedFailures {
    const { text } = filter;
    if (text === undefined) return this.#groups(this.#fitting(filter, wordsOf(filter, WHOLE)), limit);
    const ending = wordsIn(text).at(-1);
    for (const last of ending === undefined ? [] : [WHOLE, this.#endings.of(ending)]) {
      const rows = last === null ? [] : this.#inOrderFirst(filter, text, last);
      if (rows.length > 0) return this.#groups(rows, limit);
    }
    return this.#groupedByPiece(text, limit);
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

  /** Null: the filter needs no index of words; undefined: nothing can fit, because no word begins like the last one. */
  #expressionOf(filter: FailureFilter): string | null | undefined {
    const ending = filter.text === undefined ? undefined : wordsIn(filter.text).at(-1);
    const last = ending === undefined ? WHOLE : this.#endings.of(ending);
    return last === null ? undefined : wordsOf(filter, last);
  }

  /**
   * The newest that hold all words; where some of the newest hold them in their order and others do not, those that do. FTS5 is not asked for the order: to
   * find that common words never follow each other took it 80 ms of CPU with 500,000 failures.
   */
  #inOrderFirst(filter: FailureFilter, text: string, last: LastWord): readonly FittingRow[] {
    const rows = this.#fitting(filter, wordsOf(filter, last));
    const words = wordsIn(text);
    if (rows.length === 0 || words.length < 2) return rows;
    const sequence = sequenceOf(words, last);
    const newest = rows.slice(0, ORDER_LIMIT);
    const inOrder = newest.filter(({ id }) => sequence.test(this.#statements.searchOf.get(id)?.search ?? ''));
    return inOrder.length === 0 || inOrder.length === newest.length ? rows : inOrder;
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
    const conditions: Condition[] = [...conditionsOf(filter, words), ...this.#spanOfIncident(filter)];
    if (cursor !== null) conditions.push({ sql: 'w.rowid < ?', values: [decodeWordCursor(cursor)] });
    const sql = `SELECT ${COLUMNS} FROM ${MATCHED} ${where(conditions)} ${NEWEST_MATCH_FIRST} LIMIT ${String(limit + 1)}`;
    const { items, last } = cut(this.#all<ListedRow>(sql, conditions), limit);
    return { items, nextCursor: last === null ? null : encodeWordCursor(last.seq) };
  }

  /** The newest first, up to COUNT_LIMIT. */
  #fitting(filter: FailureFilter, words: string | null): readonly FittingRow[] {
    const conditions = [...conditionsOf(filter, words), ...(words === null ? [] : this.#spanOfIncident(filter))];
    const order = words === null ? NEWEST_FIRST : NEWEST_MATCH_FIRST;
    return this.#all<FittingRow>(
      `SELECT issue, id FROM ${sourceOf(words)} ${where(conditions)} ${order} LIMIT ${String(COUNT_LIMIT)}`,
      conditions,
    );
  }

  /** The words of one incident are looked for where its failures lie: common ones stand in all others too. */
  #spanOfIncident({ incident }: FailureFilter): readonly Condition[] {
    if (incident === undefined) return [];
    const { fromUs, toUs } = this.#statements.incidentSpan.get(incident, incident) ?? { fromUs: null, toUs: null };
    if (fromUs === null || toUs === null) return [{ sql: 'false', values: [] }];
    return [{ sql: 'w.rowid >= ? AND w.rowid < ?', values: [seqFloor(fromUs), seqFloor(toUs + 2000)] }];
  }

  #groupedByPiece(text: string, limit: number): GroupedFailures {
    const ofIssues = VARYING.test(text) ? [] : this.#statements.issuesByPiece.all(text, limit);
    const groups = ofIssues.flatMap(({ issue, id }) => {
      const newest = id === null ? null : this.byId(id);
      return newest === null ? [] : [{ issue, newest, count: this.#statements.countOfIssue.get(issue)?.count ?? 1 }];
    });
    if (groups.length === 0) return this.#groups(this.#statements.byPiece.all(foldCase(text)), limit);
    const total = groups.reduce((sum, { count }) => sum + count, 0);
    return { total: Math.min(COUNT_LIMIT, total), groups };
  }

  /** Newest first in, newest first out. */
  #groups(rows: readonly FittingRow[], limit: number): GroupedFailures {
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
    atOrBefore: database.prepare<[number, number], ListedRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us <= ? ${NEWEST_FIRST} LIMIT ?`,
    ),
    after: database.prepare<[number, number], ListedRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us > ? ORDER BY order_us, byte_start, id LIMIT ?`,
    ),
    searchOf: database.prepare<[string], { search: string }>('SELECT search FROM failures WHERE id = ?'),
    incidentSpan: database.prepare<[string, string], { fromUs: number | null; toUs: number | null }>(
      `SELECT (SELECT min(order_us) FROM failures WHERE incident = ?) AS fromUs,
              (SELECT max(order_us) FROM failures WHERE incident = ?) AS toUs`,
    ),
    issuesByPiece: database.prepare<[string, number], { issue: string; id: string | null }>(
      `SELECT i.id AS issue, (SELECT f.id FROM failures f WHERE f.issue = i.id
                              ORDER BY f.order_us DESC, f.byte_start DESC, f.id DESC LIMIT 1) AS id
       FROM (SELECT id, text FROM issues ORDER BY order_us DESC, id DESC LIMIT ${String(ISSUE_SCAN_LIMIT)}) i
       WHERE instr(lower(i.text), lower(?)) > 0 LIMIT ?`,
    ),
    countOfIssue: database.prepare<[string], { count: number }>(
      `SELECT count(*) AS count FROM (SELECT 1 FROM failures WHERE issue = ? LIMIT ${String(COUNT_LIMIT)})`,
    ),
    byPiece: database.prepare<[string], { issue: string; id: string }>(
      `SELECT issue, id FROM (SELECT issue, id, search FROM failures ${NEWEST_FIRST} LIMIT ${String(SCAN_LIMIT)})
       WHERE instr(search, ?) > 0 LIMIT ${String(COUNT_LIMIT)}`,
    ),
  };
}
