import type { Database } from 'better-sqlite3';

/** What the index keeps: whichever limit is reached first counts. */
export interface KeepLimits {
  readonly days: number;
  readonly sizeBytes: number;
}

interface Removed {
  readonly file_id: number;
  readonly byte_start: number;
  readonly us: number | null;
}

const DAY_US = 86_400_000_000;
/** Small enough to hold up neither readers nor tailers for more than some milliseconds. */
const STEP_EVENTS = 2000;
const STEP_PAGES = 500;

/**
 * Prunes old events, failures and incidents in small steps and gives their pages back to the disk. The hourly counts stay. So do the rows of files, for ever:
 * a copy or an archive that is as old as you like may still lie there, and nothing here tells; without its checkpoint it would be read again.
 */
export class Retention {
  readonly #database: Database;
  readonly #statements: ReturnType<typeof prepare>;
  /** What is older has been kept for long enough. Anew with each step: a clock may be put back. */
  #tooOldUs = Number.NEGATIVE_INFINITY;
  /** What is older had no room. */
  #tooMuchUs = Number.NEGATIVE_INFINITY;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  /** What ended before is gone. The joiner goes on telling it, for as long as the daemon runs: it forgets no landmark. */
  get prunedUntilUs(): number {
    return Math.max(this.#tooOldUs, this.#tooMuchUs);
  }

  /**
   * One step, to be called inside no transaction.
   * @param nowMs wall clock
   * @returns true when there is more to do
   */
  step({ days, sizeBytes }: KeepLimits, nowMs: number): boolean {
    const horizonUs = nowMs * 1000 - days * DAY_US;
    const pruned = this.#database
      .transaction(() => this.#pruneBefore(horizonUs) || this.#pruneTo(sizeBytes))
      .immediate();
    const hasFreePages = this.#number('freelist_count') > 0;
    if (hasFreePages) this.#database.pragma(`incremental_vacuum(${String(STEP_PAGES)})`);
    return pruned || (hasFreePages && this.#number('freelist_count') > 0 && this.#number('auto_vacuum') !== 0);
  }

  #pruneBefore(us: number): boolean {
    const { removeTimed, removeNear } = this.#statements;
    const removed = [...removeTimed.all(us, STEP_EVENTS), ...removeNear.all(us, STEP_EVENTS)];
    this.#closeSymptoms(removed);
    this.#statements.removeGaps.run(us);
    this.#tooOldUs = us;
    return this.#pruneFailures(us) || removed.length > 0;
  }

  /**
   * The oldest go first, by what the logs say of their time; failures go with the events of their time. Not by when they were read: of a first start's logs
   * the small ones, denokv's among them, are read to their end first.
   */
  #pruneTo(sizeBytes: number): boolean {
    const usedBytes = (this.#number('page_count') - this.#number('freelist_count')) * this.#number('page_size');
    if (usedBytes <= sizeBytes) return false;
    const { removeTimed, removeNear, removeUntimed } = this.#statements;
    const timed = removeTimed.all(Number.MAX_SAFE_INTEGER, STEP_EVENTS);
    const newestUs = timed.reduce((newest, { us }) => Math.max(newest, us ?? newest), Number.NEGATIVE_INFINITY);
    this.#tooMuchUs = Math.max(this.#tooMuchUs, newestUs);
    const untilUs = timed.length > 0 ? newestUs : Number.MAX_SAFE_INTEGER;
    const near = removeNear.all(untilUs, STEP_EVENTS);
    const untimed = timed.length + near.length > 0 ? [] : removeUntimed.all(STEP_EVENTS);
    const removed = [...timed, ...near, ...untimed];
    this.#closeSymptoms(removed);
    return (timed.length > 0 && this.#pruneFailures(newestUs)) || removed.length > 0;
  }

  #pruneFailures(us: number): boolean {
    this.#statements.removeRevisions.run(us, STEP_EVENTS);
    this.#statements.removeDropped.run(us, STEP_EVENTS);
    const { changes } = this.#statements.removeFailures.run(us, STEP_EVENTS);
    return this.#statements.removeIncidents.run(us, us, STEP_EVENTS).changes + changes > 0;
  }

  #closeSymptoms(removed: readonly Removed[]): void {
    for (const { file_id, byte_start } of removed) this.#statements.closeSymptom.run(file_id, byte_start);
  }

  #number(pragma: string): number {
    return Number(this.#database.pragma(pragma, { simple: true }));
  }
}

function prepare(database: Database) {
  const remove = (which: string): string =>
    `DELETE FROM events WHERE id IN (${which}) RETURNING file_id, byte_start, coalesce(at_us, near_us) AS us`;
  const oldFailures = 'SELECT id FROM failures WHERE order_us < ? ORDER BY order_us, byte_start, id LIMIT ?';
  return {
    removeTimed: database.prepare<[number, number], Removed>(
      remove('SELECT id FROM events WHERE at_us IS NOT NULL AND at_us < ? ORDER BY at_us LIMIT ?'),
    ),
    removeNear: database.prepare<[number, number], Removed>(
      remove('SELECT id FROM events WHERE at_us IS NULL AND near_us < ? ORDER BY near_us LIMIT ?'),
    ),
    removeUntimed: database.prepare<[number], Removed>(remove('SELECT id FROM events ORDER BY id LIMIT ?')),
    closeSymptom: database.prepare<[number, number]>('DELETE FROM open_symptoms WHERE file_id = ? AND byte_start = ?'),
    removeGaps: database.prepare<[number]>('DELETE FROM gaps WHERE to_us < ?'),
    removeRevisions: database.prepare<[number, number]>(`DELETE FROM revisions WHERE failure_id IN (${oldFailures})`),
    removeDropped: database.prepare<[number, number]>(
      'DELETE FROM dropped WHERE id IN (SELECT id FROM dropped WHERE order_us < ? ORDER BY order_us LIMIT ?)',
    ),
    removeFailures: database.prepare<[number, number]>(`DELETE FROM failures WHERE id IN (${oldFailures})`),
    removeIncidents: database.prepare<[number, number, number]>(
      `DELETE FROM incidents WHERE id IN (
         SELECT i.id FROM incidents i WHERE i.start_us < ? AND i.end_us < ?
           AND NOT EXISTS (SELECT 1 FROM failures f WHERE f.incident = i.id) ORDER BY i.start_us LIMIT ?)`,
    ),
  };
}
