import type { Database } from 'better-sqlite3';
import type { Verdict } from '../domain.ts';

/** Reads several verdicts with one question: each of its own costs as much again as its row. */
export class VerdictsById {
  readonly #verdicts;

  constructor(database: Database) {
    // Crossed, so that the ids are gone through in their order.
    this.#verdicts = database
      .prepare<[string], string>(
        'SELECT f.verdict FROM json_each(?) wanted CROSS JOIN failures f ON f.id = wanted.value',
      )
      .pluck();
  }

  /** In the order of the ids, without those that are not there. */
  of(ids: readonly string[]): readonly Verdict[] {
    return this.#verdicts.all(JSON.stringify(ids)).map((verdict) => JSON.parse(verdict) as Verdict);
  }
}
