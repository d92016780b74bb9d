import type { Database } from 'better-sqlite3';
import type { FailureFilter } from '../domain.ts';
import type { Condition } from './failure-filter.ts';
import { seqFloor } from './failure-seq.ts';

/** Where in time the failures of an incident lie. */
export class IncidentSpan {
  readonly #span;

  constructor(database: Database) {
    this.#span = database.prepare<[string, string], { fromUs: number | null; toUs: number | null }>(
      `SELECT (SELECT min(order_us) FROM failures WHERE incident = ?) AS fromUs,
              (SELECT max(order_us) FROM failures WHERE incident = ?) AS toUs`,
    );
  }

  /** The words of one incident are looked for where its failures lie: common ones stand in all others too. */
  conditionsOf({ incident }: FailureFilter): readonly Condition[] {
    if (incident === undefined) return [];
    const { fromUs, toUs } = this.#span.get(incident, incident) ?? { fromUs: null, toUs: null };
    if (fromUs === null || toUs === null) return [{ sql: 'false', values: [] }];
    return [{ sql: 'w.rowid >= ? AND w.rowid < ?', values: [seqFloor(fromUs), seqFloor(toUs + 2000)] }];
  }
}
