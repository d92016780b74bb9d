import type { Database } from 'better-sqlite3';
import type { FailureFilter, GroupedFailures, Verdict } from '../domain.ts';
import { conditionsOf, NEWEST_FIRST, NEWEST_MATCH_FIRST, sourceOf, valuesOf, where } from './failure-filter.ts';
import { foldCase } from './failure-table.ts';
import { sequenceOf, WHOLE, wordsIn, wordsOf, type LastWord } from './failure-words.ts';
import { IncidentSpan } from './incident-span.ts';
import { StatementCache } from './statement-cache.ts';
import { WordEndings } from './word-endings.ts';

interface FittingRow {
  readonly issue: string;
  readonly id: string;
}

/** Counting stops here: who has more matches than this does not need their number to see that the question was too wide. A thousand took twice the time. */
export const COUNT_LIMIT = 500;
/** In so many of the failures that hold all words it is looked whether they hold them in their order: some .7 ms. */
const ORDER_LIMIT = 100;
/** A piece from the middle of a word is no word: it is looked for in what so many issues say, the last seen first, ... */
const ISSUE_SCAN_LIMIT = 2000;
/** ... then in so many of the newest failures, which takes some 2 ms. */
export const SCAN_LIMIT = 1000;
/** What an issue says has these taken out or made alike. */
const VARYING = /[\d'"\\]/;

/** What fits a question, by issue. */
export class FailureGroups {
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

  /** The newest first, up to COUNT_LIMIT. */
  #fitting(filter: FailureFilter, words: string | null): readonly FittingRow[] {
    const conditions = [...conditionsOf(filter, words), ...(words === null ? [] : this.#spans.conditionsOf(filter))];
    const order = words === null ? NEWEST_FIRST : NEWEST_MATCH_FIRST;
    const sql = `SELECT issue, id FROM ${sourceOf(words)} ${where(conditions)} ${order} LIMIT ${String(COUNT_LIMIT)}`;
    return this.#lists.get<FittingRow>(sql).all(...valuesOf(conditions));
  }

  #groupedByPiece(text: string, limit: number): GroupedFailures {
    const ofIssues = VARYING.test(text) ? [] : this.#statements.issuesByPiece.all(text, limit);
    const groups = ofIssues.flatMap(({ issue, id }) => {
      const newest = id === null ? null : this.#newest(id);
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
      const newest = this.#newest(id);
      return newest === null ? [] : [{ issue, newest, count }];
    });
    return { total: rows.length, groups };
  }

  #newest(id: string): Verdict | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : (JSON.parse(row.verdict) as Verdict);
  }
}

function prepare(database: Database) {
  return {
    byId: database.prepare<[string], { verdict: string }>('SELECT verdict FROM failures WHERE id = ?'),
    searchOf: database.prepare<[string], { search: string }>('SELECT search FROM failures WHERE id = ?'),
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
