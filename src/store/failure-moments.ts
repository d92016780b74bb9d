import type { Database } from 'better-sqlite3';
import type { FailureMoment, TimePrecision } from '../domain.ts';
import { NEWEST_FIRST } from './failure-filter.ts';

interface MomentRow {
  readonly id: string;
  readonly issue: string;
  readonly at_us: number | null;
  readonly precision: TimePrecision | null;
}

const COLUMNS = `id, issue, at_us, verdict ->> '$.atPrecision' AS precision`;
const WIDTH_US: Readonly<Record<TimePrecision, number>> = { second: 1_000_000, millisecond: 1000, microsecond: 1 };

/** When failures were: what ranks them, without their verdicts, of which few are shown. */
export class FailureMoments {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** Newest first. */
  within(sinceUs: number, untilUs: number, limit: number): readonly FailureMoment[] {
    return this.#statements.within.all(sinceUs, untilUs, limit).flatMap(momentOf);
  }

  /** Nearest first; of equally near ones the newer first. */
  near(us: number, limit: number): readonly FailureMoment[] {
    const older = this.#statements.atOrBefore.all(us, limit).flatMap(momentOf);
    const newer = this.#statements.after.all(us, limit).flatMap(momentOf);
    // The sort is a stable one: from the newest to the oldest they go in.
    return [...newer.reverse(), ...older]
      .map((moment) => ({ moment, distance: distanceUs(moment, us) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, limit)
      .map(({ moment }) => moment);
  }
}

/** Those without a time stand in the list where they were saved, and are near to nothing. */
function momentOf({ id, issue, at_us: startUs, precision }: MomentRow): readonly FailureMoment[] {
  return startUs === null ? [] : [{ id, issue, startUs, endUs: startUs + WIDTH_US[precision ?? 'second'] }];
}

function distanceUs({ startUs, endUs }: FailureMoment, us: number): number {
  return us < startUs ? startUs - us : Math.max(0, us - (endUs - 1));
}

function prepare(database: Database) {
  return {
    within: database.prepare<[number, number, number], MomentRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us >= ? AND order_us < ? ${NEWEST_FIRST} LIMIT ?`,
    ),
    atOrBefore: database.prepare<[number, number], MomentRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us <= ? ${NEWEST_FIRST} LIMIT ?`,
    ),
    after: database.prepare<[number, number], MomentRow>(
      `SELECT ${COLUMNS} FROM failures WHERE order_us > ? ORDER BY order_us, byte_start, id LIMIT ?`,
    ),
  };
}
