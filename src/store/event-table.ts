import type { Database } from 'better-sqlite3';
import type { LogEvent } from '../domain.ts';
import { columnsOf } from './event-columns.ts';

/** An event and its id in the index: ids grow, and an event that was replaced by a fuller version has a new one. */
export interface StoredEvent {
  readonly id: number;
  readonly event: LogEvent;
}

interface EventRow {
  readonly id: number;
  readonly body: string;
}

interface NewEvent {
  readonly fileId: number;
  readonly byteStart: number;
  readonly byteEnd: number;
  readonly kind: string;
  readonly atUs: number | null;
  readonly nearUs: number | null;
  readonly severity: string | null;
  readonly sqlstate: string | null;
  readonly pid: number | null;
  readonly body: string;
}

function read(row: EventRow): StoredEvent {
  return { id: row.id, event: JSON.parse(row.body) as LogEvent };
}

/** Events, unique by file and first byte. */
export class EventTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** @returns false when this very event is stored already: a replay changes nothing, not even ids */
  save(event: LogEvent): boolean {
    const { fileId, byteStart, byteEnd } = event.citation;
    const body = JSON.stringify(event);
    const atUs = event.at?.us ?? null;
    const nearUs = atUs === null ? (this.#statements.timeBefore.get(fileId, byteStart)?.us ?? null) : null;
    const row = { fileId, byteStart, byteEnd, kind: event.kind, atUs, nearUs, ...columnsOf(event), body };
    if (this.#statements.insert.run(row).changes === 1) return true;
    const stored = this.#statements.at.get(fileId, byteStart);
    if (stored?.body === body) return false;
    this.#statements.remove.run(fileId, byteStart);
    this.#statements.insert.run(row);
    return true;
  }

  /**
   * The events of [sinceUs, untilUs): timed ones by time, file and byte; then those without a time whose nearest timed neighbour before
   * them lies in the window, by id. An event without any timed neighbour is in no window: see untimed().
   */
  between(sinceUs: number, untilUs: number): readonly LogEvent[] {
    const { timed, near } = this.#statements;
    return [...timed.all(sinceUs, untilUs), ...near.all(sinceUs, untilUs)].map((row) => read(row).event);
  }

  /** Events of files that have no times at all, by id. */
  untimed(afterId: number, limit: number): readonly StoredEvent[] {
    return this.#statements.untimed.all(afterId, limit).map(read);
  }

  after(id: number, limit: number): readonly StoredEvent[] {
    return this.#statements.after.all(id, limit).map(read);
  }
}

function prepare(database: Database) {
  return {
    insert: database.prepare<[NewEvent]>(
      `INSERT INTO events (file_id, byte_start, byte_end, kind, at_us, near_us, severity, sqlstate, pid, body)
       VALUES (@fileId, @byteStart, @byteEnd, @kind, @atUs, @nearUs, @severity, @sqlstate, @pid, @body)
       ON CONFLICT (file_id, byte_start) DO NOTHING`,
    ),
    remove: database.prepare<[number, number]>('DELETE FROM events WHERE file_id = ? AND byte_start = ?'),
    at: database.prepare<[number, number], EventRow>(
      'SELECT id, body FROM events WHERE file_id = ? AND byte_start = ?',
    ),
    timeBefore: database.prepare<[number, number], { us: number | null }>(
      `SELECT coalesce(at_us, near_us) AS us FROM events WHERE file_id = ? AND byte_start < ?
       ORDER BY byte_start DESC LIMIT 1`,
    ),
    timed: database.prepare<[number, number], EventRow>(
      'SELECT id, body FROM events WHERE at_us >= ? AND at_us < ? ORDER BY at_us, file_id, byte_start',
    ),
    near: database.prepare<[number, number], EventRow>(
      'SELECT id, body FROM events WHERE at_us IS NULL AND near_us >= ? AND near_us < ? ORDER BY id',
    ),
    untimed: database.prepare<[number, number], EventRow>(
      'SELECT id, body FROM events WHERE at_us IS NULL AND near_us IS NULL AND id > ? ORDER BY id LIMIT ?',
    ),
    after: database.prepare<[number, number], EventRow>('SELECT id, body FROM events WHERE id > ? ORDER BY id LIMIT ?'),
  };
}
