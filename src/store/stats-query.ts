import type { Database } from 'better-sqlite3';

/** Failures in one stretch of time. */
export interface CauseBucket {
  /** Start of the stretch, microseconds since the epoch. */
  readonly us: number;
  /** How many of each cause: a JSON object, as it goes into the answer. A day holds twenty thousand counts. */
  readonly causes: string;
}

/** Buckets, oldest first, and how many of each cause they hold together. */
export interface CauseCounts {
  readonly buckets: readonly CauseBucket[];
  readonly totals: ReadonlyMap<string, number>;
}

const HOUR_US = 3_600_000_000;

/** How many failures, when, of what: by the minute while the failures are kept, by the hour for ever. Spans are [sinceUs, untilUs). */
export class StatsQuery {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** The totals of whole hours are read at once, and those of what is left at both ends are summed minute by minute. */
  minutes(sinceUs: number, untilUs: number): CauseCounts {
    const buckets = this.#statements.minutes.all(sinceUs, untilUs).map(([us, causes]) => ({ us, causes }));
    const fromUs = Math.ceil(sinceUs / HOUR_US) * HOUR_US;
    const toUs = Math.max(fromUs, Math.floor(untilUs / HOUR_US) * HOUR_US);
    const totals = new Map(this.#statements.sums.all(fromUs, toUs));
    for (const { us, causes } of buckets) if (us < fromUs || us >= toUs) addAll(totals, causes);
    return { buckets, totals };
  }

  hours(sinceUs: number, untilUs: number): CauseCounts {
    const buckets = this.#statements.hours.all(sinceUs, untilUs).map(([us, causes]) => ({ us, causes }));
    const totals = new Map<string, number>();
    for (const { causes } of buckets) addAll(totals, causes);
    return { buckets, totals };
  }

  sizeBytes(): number {
    return this.#statements.size.get()?.bytes ?? 0;
  }
}

function addAll(totals: Map<string, number>, causes: string): void {
  for (const [cause, count] of Object.entries(JSON.parse(causes) as Record<string, number>))
    totals.set(cause, (totals.get(cause) ?? 0) + count);
}

/** As arrays: a row as an object takes twice the time, and a day has 1,440. */
function prepare(database: Database) {
  return {
    minutes: database
      .prepare<[number, number], readonly [us: number, causes: string]>(
        'SELECT minute_us, causes FROM minutes WHERE minute_us >= ? AND minute_us < ? ORDER BY minute_us',
      )
      .raw(),
    hours: database
      .prepare<[number, number], readonly [us: number, causes: string]>(
        `SELECT us, json_group_object(cause, count)
         FROM (SELECT hour_us AS us, what AS cause, sum(count) AS count FROM hourly
               WHERE topic = 'failure' AND hour_us >= ? AND hour_us < ? GROUP BY hour_us, what ORDER BY hour_us, what)
         GROUP BY us ORDER BY us`,
      )
      .raw(),
    sums: database
      .prepare<[number, number], readonly [cause: string, count: number]>(
        'SELECT cause, sum(count) FROM cause_hours WHERE hour_us >= ? AND hour_us < ? GROUP BY cause',
      )
      .raw(),
    size: database.prepare<[], { bytes: number }>(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    ),
  };
}
