import type { Database } from 'better-sqlite3';
import { COUNTED_UP_TO } from '../counted-up-to.ts';
import type { FailureFilter, GroupedFailures } from '../domain.ts';
import { conditionsOf, NEWEST_FIRST, NEWEST_MATCH_FIRST, sourceOf, valuesOf, where } from './failure-filter.ts';
import type { FailureLookups } from './failure-lookups.ts';
import { foldCase } from './failure-table.ts';
import { holdsInOrder, WHOLE, wordsIn, wordsOf, type LastWord } from './failure-words.ts';
import { StatementCache } from './statement-cache.ts';

/** What fits a question, newest first: the issues and the ids of the failures. */
interface Fitting {
  readonly issues: readonly string[];
  readonly ids: readonly string[];
}

/** In so many of the failures that hold all words it is looked whether they hold them in their order: some .4 ms. */
const ORDER_LIMIT = 50;
/** A piece from the middle of a word is no word: it is looked for in what so many issues say, the last seen first, ... */
const ISSUE_SCAN_LIMIT = 1000;
/** ... then in so many of the newest failures: each has a page of its own, and the daemon's every commit lets go of those that were read. */
export const SCAN_LIMIT = 500;
/** What an issue says has these taken out or made alike. */
const VARYING = /[\d'"\\]/;

/** What fits a question, by issue. */
export class FailureGroups {
  readonly #lists: StatementCache;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #lookups: FailureLookups;

  constructor(database: Database, lookups: FailureLookups) {
    this.#lists = new StatementCache(database);
    this.#statements = prepare(database);
    this.#lookups = lookups;
  }

  /**
   * Of a text the words in their order are looked for first, then in any order, then with the last one cut short, then the text as a piece of what issues
   * and the newest failures say.
   */
  grouped(filter: FailureFilter, limit: number): GroupedFailures {
    const { text } = filter;
    if (text === undefined) return this.#groups(this.#fitting(filter, wordsOf(filter, WHOLE)), limit);
    for (const last of this.#lastWords(text)) {
      const fitting = this.#inOrderFirst(filter, text, last);
      if (fitting.ids.length > 0) return this.#groups(fitting, limit);
    }
    return this.#groupedByPiece(text, limit);
  }

  /** What the last word may be, one after the other: the words that begin like it are looked up only where it is no word itself. */
  *#lastWords(text: string): Generator<LastWord> {
    const ending = wordsIn(text).at(-1);
    if (ending === undefined) return;
    yield WHOLE;
    const begun = this.#lookups.endings.of(ending);
    if (begun !== null) yield begun;
  }

  /**
   * The newest that hold all words; where some of the newest hold them in their order and others do not, those that do. FTS5 is not asked for the order: to
   * find that common words never follow each other took it 80 ms of CPU with 500,000 failures.
   */
  #inOrderFirst(filter: FailureFilter, text: string, last: LastWord): Fitting {
    const fitting = this.#fitting(filter, wordsOf(filter, last));
    const words = wordsIn(text);
    if (fitting.ids.length === 0 || words.length < 2) return fitting;
    const newest = fitting.ids.slice(0, ORDER_LIMIT);
    const inOrder = this.#statements.searches
      .all(JSON.stringify(newest))
      .filter(({ search }) => holdsInOrder(search, words, last));
    if (inOrder.length === 0 || inOrder.length === newest.length) return fitting;
    return { issues: inOrder.map(({ issue }) => issue), ids: inOrder.map(({ id }) => id) };
  }

  /** Up to COUNTED_UP_TO. */
  #fitting(filter: FailureFilter, words: string | null): Fitting {
    const conditions = [
      ...conditionsOf(filter, words),
      ...(words === null ? [] : this.#lookups.spans.conditionsOf(filter)),
    ];
    const order = words === null ? NEWEST_FIRST : NEWEST_MATCH_FIRST;
    const sql = `SELECT issue, id FROM ${sourceOf(words)} ${where(conditions)} ${order} LIMIT ${String(COUNTED_UP_TO)}`;
    return fittingOf(this.#lists.get<ListsRow>(asLists(sql)).get(...valuesOf(conditions)));
  }

  #groupedByPiece(text: string, limit: number): GroupedFailures {
    const ofIssues = VARYING.test(text) ? [] : this.#statements.issuesByPiece.all(likePiece(text), limit);
    const groups = ofIssues.flatMap(({ issue, id }) =>
      id === null ? [] : [{ issue, id, count: this.#statements.countOfIssue.get(issue)?.count ?? 1 }],
    );
    if (groups.length === 0) return this.#groups(fittingOf(this.#statements.byPiece.get(foldCase(text))), limit);
    const total = groups.reduce((sum, { count }) => sum + count, 0);
    return this.#withVerdicts(Math.min(COUNTED_UP_TO, total), groups);
  }

  /** Newest first in, newest first out. */
  #groups({ issues, ids }: Fitting, limit: number): GroupedFailures {
    const groups = new Map<string, { readonly issue: string; readonly id: string; count: number }>();
    issues.forEach((issue, at) => {
      const known = groups.get(issue);
      if (known === undefined) groups.set(issue, { issue, id: ids[at] ?? '', count: 1 });
      else known.count += 1;
    });
    return this.#withVerdicts(ids.length, [...groups.values()].slice(0, limit));
  }

  #withVerdicts(
    total: number,
    groups: readonly { readonly issue: string; readonly id: string; readonly count: number }[],
  ): GroupedFailures {
    const verdicts = new Map(
      this.#lookups.verdicts.of(groups.map(({ id }) => id)).map((verdict) => [verdict.id, verdict]),
    );
    return {
      total,
      groups: groups.flatMap(({ issue, id, count }) => {
        const newest = verdicts.get(id);
        return newest === undefined ? [] : [{ issue, newest, count }];
      }),
    };
  }
}

/** Two lists in one row: five hundred rows take twice the time. */
interface ListsRow {
  readonly issues: string;
  readonly ids: string;
}

function asLists(rows: string): string {
  return `SELECT json_group_array(issue) AS issues, json_group_array(id) AS ids FROM (${rows})`;
}

/** What holds this piece, in either case: half the work of comparing with `lower()`. */
function likePiece(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

function fittingOf(row: ListsRow | undefined): Fitting {
  if (row === undefined) return { issues: [], ids: [] };
  return { issues: JSON.parse(row.issues) as string[], ids: JSON.parse(row.ids) as string[] };
}

function prepare(database: Database) {
  return {
    searches: database.prepare<[string], { issue: string; id: string; search: string }>(
      'SELECT f.issue, f.id, f.search FROM json_each(?) wanted CROSS JOIN failures f ON f.id = wanted.value',
    ),
    issuesByPiece: database.prepare<[string, number], { issue: string; id: string | null }>(
      `SELECT i.id AS issue, (SELECT f.id FROM failures f WHERE f.issue = i.id
                              ORDER BY f.order_us DESC, f.byte_start DESC, f.id DESC LIMIT 1) AS id
       FROM (SELECT id, text FROM issues ORDER BY order_us DESC, id DESC LIMIT ${String(ISSUE_SCAN_LIMIT)}) i
       WHERE i.text LIKE ? ESCAPE '\\' LIMIT ?`,
    ),
    countOfIssue: database.prepare<[string], { count: number }>(
      `SELECT count(*) AS count FROM (SELECT 1 FROM failures WHERE issue = ? LIMIT ${String(COUNTED_UP_TO)})`,
    ),
    byPiece: database.prepare<[string], ListsRow>(
      asLists(
        `SELECT issue, id FROM (SELECT issue, id, search FROM failures ${NEWEST_FIRST} LIMIT ${String(SCAN_LIMIT)})
         WHERE instr(search, ?) > 0 LIMIT ${String(COUNTED_UP_TO)}`,
      ),
    ),
  };
}
