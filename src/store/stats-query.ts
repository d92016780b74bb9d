import type { Database } from 'better-sqlite3';

/** Failures of one cause in one stretch of time. */
export interface CauseBucket {
  /** Start of the stretch, microseconds since the epoch. */
  readonly us: number;
  readonly cause: string;
  readonly count: number;
}

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

  sizeBytes(): number {
    return this.#statements.size.get()?.bytes ?? 0;
  }
}

function prepare(database: Database) {
  return {
    minutes: database.prepare<[number, number], CauseBucket>(
      'SELECT minute_us AS us, cause, count FROM minutely WHERE minute_us >= ? AND minute_us < ? ORDER BY minute_us, cause',
    ),
    hours: database.prepare<[number, number], CauseBucket>(
      `SELECT hour_us AS us, what AS cause, sum(count) AS count FROM hourly
       WHERE topic = 'failure' AND hour_us >= ? AND hour_us < ? GROUP BY hour_us, what ORDER BY hour_us, what`,
    ),
    size: database.prepare<[], { bytes: number }>(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    ),
  };
}
