import type { Database } from 'better-sqlite3';
import type { LogEvent, Verdict } from '../domain.ts';
import { parseRfc3339 } from '../time/rfc3339.ts';
import { columnsOf } from './event-columns.ts';

/** How often something happened in one hour. `topic` tells events (`what`: their kind) from failures (`what`: their cause). */
export interface HourlyCount {
  /** Start of the hour, microseconds since the epoch, UTC. */
  readonly hourUs: number;
  readonly topic: 'event' | 'failure';
  readonly what: string;
  /** Empty where there is none. */
  readonly severity: string;
  readonly sqlstate: string;
  readonly count: number;
}

const HOUR_US = 3_600_000_000;

/** Statistics that stay when the events behind them are pruned. */
export class HourlyTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** @param events stored for the first time; a fuller version of a known one is not counted again */
  addEvents(events: readonly LogEvent[]): void {
    this.#add(
      events.flatMap((event) => {
        const { severity, sqlstate } = columnsOf(event);
        return event.at === null ? [] : [keyed(event.at.us, 'event', event.kind, severity, sqlstate)];
      }),
    );
  }

  /** @param verdicts that have just become final */
  addFailures(verdicts: readonly Verdict[]): void {
    this.#add(
      verdicts.flatMap(({ at, cause }) => {
        const us = at === null ? undefined : parseRfc3339(at)?.us;
        return us === undefined ? [] : [keyed(us, 'failure', cause.id, null, cause.sqlstate)];
      }),
    );
  }

  /** Oldest hour first. */
  between(sinceUs: number, untilUs: number): readonly HourlyCount[] {
    return this.#statements.between.all(sinceUs, untilUs);
  }

  /** One row is written for each hour and kind, not for each event: a back-fill adds millions. */
  #add(keys: readonly HourlyCount[]): void {
    const sums = new Map<string, HourlyCount>();
    for (const key of keys) {
      const name = `${String(key.hourUs)} ${key.what} ${key.severity} ${key.sqlstate}`;
      sums.set(name, { ...key, count: (sums.get(name)?.count ?? 0) + 1 });
    }
    for (const sum of sums.values()) this.#statements.add.run(sum);
  }
}

function keyed(
  us: number,
  topic: HourlyCount['topic'],
  what: string,
  severity: string | null,
  sqlstate: string | null,
): HourlyCount {
  return {
    hourUs: Math.floor(us / HOUR_US) * HOUR_US,
    topic,
    what,
    severity: severity ?? '',
    sqlstate: sqlstate ?? '',
    count: 1,
  };
}

function prepare(database: Database) {
  return {
    add: database.prepare<[HourlyCount]>(
      `INSERT INTO hourly (hour_us, topic, what, severity, sqlstate, count)
       VALUES (@hourUs, @topic, @what, @severity, @sqlstate, @count)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    ),
    between: database.prepare<[number, number], HourlyCount>(
      `SELECT hour_us AS hourUs, topic, what, severity, sqlstate, count FROM hourly
       WHERE hour_us >= ? AND hour_us < ? ORDER BY hour_us, topic, what, severity, sqlstate`,
    ),
  };
}
