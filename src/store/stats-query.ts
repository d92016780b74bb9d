import type { Database } from 'better-sqlite3';

/** Failures in one stretch of time. */
export interface CauseBucket {
  /** Start of the stretch, microseconds since the epoch. */
  readonly us: number;
  readonly causes: Readonly<Record<string, number>>;
}

/** How many failures, when, of what: by the minute while the failures are kept, by the hour for ever. */
export class StatsQuery {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  minutes(sinceUs: number, untilUs: number): readonly CauseBucket[] {
    return this.#statements.minutes.all(sinceUs, untilUs).map(toBucket);
  }

  hours(sinceUs: number, untilUs: number): readonly CauseBucket[] {
    return this.#statements.hours.all(sinceUs, untilUs).map(toBucket);
  }

  sizeBytes(): number {
    return this.#statements.size.get()?.bytes ?? 0;
  }
}

/** One row a stretch, its counts as JSON: a day holds twenty thousand counts, and each of them as a row took four times as long (8 ms of CPU for 35). */
interface BucketRow {
  readonly us: number;
  readonly causes: string;
}

function toBucket({ us, causes }: BucketRow): CauseBucket {
  return { us, causes: JSON.parse(causes) as Record<string, number> };
}

function prepare(database: Database) {
  return {
    minutes: database.prepare<[number, number], BucketRow>(
      `SELECT minute_us AS us, json_group_object(cause, count) AS causes FROM minutely
       WHERE minute_us >= ? AND minute_us < ? GROUP BY minute_us ORDER BY minute_us`,
    ),
    hours: database.prepare<[number, number], BucketRow>(
      `SELECT us, json_group_object(cause, count) AS causes
       FROM (SELECT hour_us AS us, what AS cause, sum(count) AS count FROM hourly
             WHERE topic = 'failure' AND hour_us >= ? AND hour_us < ? GROUP BY hour_us, what ORDER BY hour_us, what)
       GROUP BY us ORDER BY us`,
    ),
    size: database.prepare<[], { bytes: number }>(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    ),
  };
}
