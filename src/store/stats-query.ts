import type { Database } from 'better-sqlite3';

/** Failures in one stretch of time. */
export interface CauseBucket {
  /** Start of the stretch, microseconds since the epoch. */
  readonly us: number;
  /** How many of each cause: a JSON object, as it goes into the answer. A day holds twenty thousand counts. */
  readonly causes: string;
}

interface CountRow {
  readonly cause: string;
  readonly count: number;
}

const HOUR_US = 3_600_000_000;

/** How many failures, when, of what: by the minute while the failures are kept, by the hour for ever. */
export class StatsQuery {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  minutes(sinceUs: number, untilUs: number): readonly CauseBucket[] {
    return this.#statements.minutes.all(sinceUs, untilUs);
  }

  hours(sinceUs: number, untilUs: number): readonly CauseBucket[] {
    return this.#statements.hours.all(sinceUs, untilUs);
  }

  /** Of all minutes that begin in [sinceUs, untilUs), which are whole ones: whole hours at once, and what is left at both ends minute by minute. */
  totalsOfMinutes(sinceUs: number, untilUs: number): ReadonlyMap<string, number> {
    const fromUs = Math.ceil(sinceUs / HOUR_US) * HOUR_US;
    const toUs = Math.floor(untilUs / HOUR_US) * HOUR_US;
    if (fromUs >= toUs) return sumOf(this.minutes(sinceUs, untilUs));
    const totals = sumOf([...this.minutes(sinceUs, fromUs), ...this.minutes(toUs, untilUs)]);
    for (const { cause, count } of this.#statements.sums.all(fromUs, toUs)) add(totals, cause, count);
    return totals;
  }

  totalsOfHours(sinceUs: number, untilUs: number): ReadonlyMap<string, number> {
    return new Map(this.#statements.hourlySums.all(sinceUs, untilUs).map(({ cause, count }) => [cause, count]));
  }

  sizeBytes(): number {
    return this.#statements.size.get()?.bytes ?? 0;
  }
}

function sumOf(buckets: readonly CauseBucket[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { causes } of buckets) {
    for (const [cause, count] of Object.entries(JSON.parse(causes) as Record<string, number>))
      add(totals, cause, count);
  }
  return totals;
}

function add(totals: Map<string, number>, cause: string, count: number): void {
  totals.set(cause, (totals.get(cause) ?? 0) + count);
}

function prepare(database: Database) {
  return {
    minutes: database.prepare<[number, number], CauseBucket>(
      'SELECT minute_us AS us, causes FROM minutes WHERE minute_us >= ? AND minute_us < ? ORDER BY minute_us',
    ),
    hours: database.prepare<[number, number], CauseBucket>(
      `SELECT us, json_group_object(cause, count) AS causes
       FROM (SELECT hour_us AS us, what AS cause, sum(count) AS count FROM hourly
             WHERE topic = 'failure' AND hour_us >= ? AND hour_us < ? GROUP BY hour_us, what ORDER BY hour_us, what)
       GROUP BY us ORDER BY us`,
    ),
    sums: database.prepare<[number, number], CountRow>(
      'SELECT cause, sum(count) AS count FROM cause_hours WHERE hour_us >= ? AND hour_us < ? GROUP BY cause',
    ),
    hourlySums: database.prepare<[number, number], CountRow>(
      `SELECT what AS cause, sum(count) AS count FROM hourly
       WHERE topic = 'failure' AND hour_us >= ? AND hour_us < ? GROUP BY what`,
    ),
    size: database.prepare<[], { bytes: number }>(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    ),
  };
}
