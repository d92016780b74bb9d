import type { Database } from 'better-sqlite3';
import type { EventFilter, LogEvent, Page, PageRequest } from '../domain.ts';
import { badCursor, decodeParts, encodeParts } from './failure-cursor.ts';
import { foldCase } from './failure-table.ts';
import { StatementCache } from './statement-cache.ts';
import type { StoredEvent } from './event-table.ts';

interface ListedRow {
  readonly id: number;
  readonly us: number | null;
  readonly body: string;
}

interface Place {
  readonly us: number;
  readonly id: number;
}

interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** So many events are looked through for one page; where fewer fit than were asked for, the cursor goes on behind them. */
const SCAN_LIMIT = 10_000;
/** Kinds that are few among many have an index of their times. */
const INDEX_OF_KIND: Readonly<Partial<Record<LogEvent['kind'], string>>> = {
  denokv_error: 'events_denokv',
  postgres_context: 'events_context',
};
/** A text is looked for in the whole event, which takes some .6 microseconds each. */
const TEXT_SCAN_LIMIT = 2000;
const MAX_LIKE_CHARS = 10_000;

/**
 * The events in order of time, newest first; those without a time stand where the one before them in their file stands. Filters beyond time and
 * SQLSTATE are matched while walking: the walk is bounded, so a page may hold fewer than its limit and still not be the last.
 */
export class EventList {
  readonly #lists: StatementCache;

  constructor(database: Database) {
    database.function('fold_case', { deterministic: true }, (text: unknown) => foldCase(String(text)));
    this.#lists = new StatementCache(database);
  }

  /** @throws WhydError `query.bad_cursor` */
  page(filter: EventFilter, { limit, cursor }: PageRequest): Page<StoredEvent> {
    const place = cursor === null ? null : decodeCursor(cursor);
    const walked = [this.#walk(filter, place, 'timed', limit), this.#walk(filter, place, 'near', limit)];
    const places = walked.flatMap(({ rows }) => rows).sort((a, b) => (b.us ?? 0) - (a.us ?? 0) || b.id - a.id);
    // Where one walk ended early, nothing beyond its end may be shown: the other's events there are not the newest.
    const ends = walked.flatMap(({ end }) => (end === null ? [] : [end])).sort(newestFirst);
    const horizon = ends[0] ?? null;
    const within = horizon === null ? places : places.filter((row) => newestFirst(placeOf(row), horizon) <= 0);
    const items = within.slice(0, limit);
    const last = within.length > limit ? items.at(-1) : undefined;
    const next = last === undefined ? horizon : placeOf(last);
    return {
      items: items.map(({ id, body }) => ({ id, event: JSON.parse(body) as LogEvent })),
      nextCursor: next === null ? null : encodeParts(['e', next.us, next.id]),
    };
  }

  #walk(
    filter: EventFilter,
    place: Place | null,
    which: 'timed' | 'near',
    limit: number,
  ): { rows: readonly ListedRow[]; end: Place | null } {
    const time = which === 'timed' ? 'at_us' : 'near_us';
    const walk: Condition[] = [{ sql: which === 'timed' ? 'at_us IS NOT NULL' : 'at_us IS NULL', values: [] }];
    if (filter.sinceUs !== undefined) walk.push({ sql: `${time} >= ?`, values: [filter.sinceUs] });
    if (filter.untilUs !== undefined) walk.push({ sql: `${time} < ?`, values: [filter.untilUs] });
    // Only timed events have an index by it: among the others, all might be walked for a few.
    if (filter.sqlstate !== undefined && which === 'timed') {
      walk.push({ sql: 'sqlstate = ?', values: [filter.sqlstate] });
    }
    if (place !== null) {
      const isBefore = `(${time} < ? OR (${time} = ? AND id < ?))`;
      walk.push({ sql: `${time} <= ? AND ${isBefore}`, values: [place.us, place.us, place.us, place.id] });
    }
    const index = which === 'timed' && filter.sqlstate === undefined ? INDEX_OF_KIND[filter.kind ?? 'gap'] : undefined;
    // SQLite takes an index of some rows only where the text of the question says that these are meant.
    if (index !== undefined) walk.push({ sql: `kind = '${String(filter.kind)}'`, values: [] });
    const from = `events${index === undefined ? '' : ` INDEXED BY ${index}`}`;
    const fits = fittingOf(filter, { kind: index !== undefined, sqlstate: which === 'timed' });
    const scanLimit = filter.text === undefined ? SCAN_LIMIT : TEXT_SCAN_LIMIT;
    const order = `ORDER BY ${time} DESC, id DESC`;
    // Ids and their order stand in an index: sorted with their bodies, two thousand events took twice the time that looking through them takes.
    const walkSql = `SELECT id, ${time} AS us FROM ${from} WHERE ${sqlOf(walk)} ${order} LIMIT ${String(scanLimit)}`;
    const whereFits = fits.length === 0 ? '' : `WHERE ${sqlOf(fits)}`;
    const rows = this.#lists
      .get<ListedRow>(
        `SELECT e.id, walked.us, e.body FROM (${walkSql}) walked CROSS JOIN events e ON e.id = walked.id ${whereFits} LIMIT ${String(limit + 1)}`,
      )
      .all(...valuesOf(walk), ...valuesOf(fits));
    // The walk's own end is needed only where it did not fill the page.
    const end = fits.length === 0 || rows.length > limit ? null : this.#endOf(walk, from, order, scanLimit);
    const isFull = rows.length > limit ? rows.at(-1) : undefined;
    return { rows, end: isFull === undefined ? end : placeOf(isFull) };
  }

  #endOf(walk: readonly Condition[], from: string, order: string, scanLimit: number): Place | null {
    const row = this.#lists
      .get<Place>(
        `SELECT coalesce(at_us, near_us) AS us, id FROM ${from} WHERE ${sqlOf(walk)} ${order} LIMIT 1 OFFSET ${String(scanLimit - 1)}`,
      )
      .get(...valuesOf(walk));
    return row ?? null;
  }
}

/** @param walked what the walk holds to already */
function fittingOf(
  { kind, severity, sqlstate, pid, text }: EventFilter,
  walked: { readonly kind: boolean; readonly sqlstate: boolean },
): readonly Condition[] {
  return [
    ...(sqlstate === undefined || walked.sqlstate ? [] : [{ sql: 'sqlstate = ?', values: [sqlstate] }]),
    ...(kind === undefined || walked.kind ? [] : [{ sql: 'kind = ?', values: [kind] }]),
    ...(severity === undefined ? [] : [{ sql: 'severity = ?', values: [severity] }]),
    ...(pid === undefined ? [] : [{ sql: 'pid = ?', values: [pid] }]),
    ...(text === undefined ? [] : [holds(asJson(foldCase(text)))]),
  ];
}

/**
 * SQLite's LIKE is twice as quick as looking through lower(), and like it folds ASCII alone: enough for a text that is nothing else. Beyond its longest
 * pattern it is an error.
 */
function holds(text: string): Condition {
  const isPlain = text.length <= MAX_LIKE_CHARS && /^[\0-\x7f]*$/.test(text);
  if (!isPlain) return { sql: 'instr(fold_case(body), ?) > 0', values: [text] };
  return { sql: `body LIKE ? ESCAPE '\\'`, values: [`%${text.replace(/[\\%_]/g, '\\$&')}%`] };
}

/** As the text stands within the event's JSON. */
function asJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function sqlOf(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => sql).join(' AND ');
}

function valuesOf(conditions: readonly Condition[]): readonly (string | number)[] {
  return conditions.flatMap(({ values }) => values);
}

function placeOf({ us, id }: ListedRow): Place {
  return { us: us ?? 0, id };
}

function newestFirst(a: Place, b: Place): number {
  return b.us - a.us || b.id - a.id;
}

function decodeCursor(cursor: string): Place {
  const [kind, us, id] = decodeParts(cursor);
  if (kind === 'e' && Number.isSafeInteger(us) && Number.isSafeInteger(id)) return { us: Number(us), id: Number(id) };
  throw badCursor();
}
