import type { Database } from 'better-sqlite3';
import type { JsonBytesOf, Verdict } from '../domain.ts';

/** Crossed, so that the ids are gone through in their order. */
const WANTED = 'FROM json_each(?) wanted CROSS JOIN failures f ON f.id = wanted.value';

/** Reads several verdicts with one question: each of its own costs as much again as its row. Those that are not there are left out. */
export class VerdictsById {
  readonly #each;
  readonly #joined;

  constructor(database: Database) {
    this.#each = database.prepare<[string], string>(`SELECT f.verdict ${WANTED}`).pluck();
    this.#joined = database
      .prepare<[string], Uint8Array>(
        `SELECT CAST('[' || coalesce(group_concat(f.verdict), '') || ']' AS BLOB) ${WANTED}`,
      )
      .pluck();
  }

  /** In the order of the ids. */
  of(ids: readonly string[]): readonly Verdict[] {
    return this.#each.all(JSON.stringify(ids)).map((verdict) => JSON.parse(verdict) as Verdict);
  }

  /** The same, as it is sent: fifty verdicts are 150 kB that need not be read to be written again. */
  asJson(ids: readonly string[]): JsonBytesOf<readonly Verdict[]> {
    return this.#joined.get(JSON.stringify(ids)) ?? Buffer.from('[]');
  }
}
