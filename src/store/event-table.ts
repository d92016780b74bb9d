import type { Database } from 'better-sqlite3';
import type { LogEvent } from '../domain.ts';
import { columnsOf } from './event-columns.ts';
import type { KeyTable } from './key-table.ts';

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

export type SaveOutcome = 'new' | 'fuller' | 'known';

/** Events, unique by file and first byte. */
export class EventTable {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #keys: KeyTable;

  constructor(database: Database, keys: KeyTable) {
    this.#statements = prepare(database);
    this.#keys = keys;
  }

  /** `known`: this very event is stored already, and a replay changes nothing, not even ids. */
  save(event: LogEvent): SaveOutcome {
    const { fileId, byteStart, byteEnd } = event.citation;
    const body = JSON.stringify(event);
    const atUs = event.at?.us ?? null;
    const nearUs = atUs === null ? (this.#statements.timeBefore.get(fileId, byteStart)?.us ?? null) : null;
    const row = { fileId, byteStart, byteEnd, kind: event.kind, atUs, nearUs, ...columnsOf(event), body };
    const inserted = this.#statements.insert.run(row);
    if (inserted.changes === 1) {
      this.#keys.add(Number(inserted.lastInsertRowid), event);
      if (event.kind === 'denokv_error') this.#statements.openSymptom.run(fileId, byteStart);
      return 'new';
    }
    const stored = this.#statements.at.get(fileId, byteStart);
    if (stored?.body === body) return 'known';
    this.#statements.remove.run(fileId, byteStart);
    this.#keys.add(Number(this.#statements.insert.run(row).lastInsertRowid), event);
    return 'fuller';
  }

  /**
   * The events of [sinceUs, untilUs): timed ones by time, file and byte; then those without a time whose nearest timed neighbour before
   * them lies in the window, by id. An event without any timed neighbour is in no window: see untimed().
   * @param limit of each of the two
   */
  between(sinceUs: number, untilUs: number, limit = -1): readonly LogEvent[] {
    const { timed, near } = this.#statements;
    return [...timed.all(sinceUs, untilUs, limit), ...near.all(sinceUs, untilUs, limit)].map((row) => read(row).event);
  }

  byId(id: number): LogEvent | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : read(row).event;
  }

  /** Events of files that have no times at all, by id. */
  untimed(afterId: number, limit: number): readonly StoredEvent[] {
    return this.#statements.untimed.all(afterId, limit).map(read);
  }

  /** Symptoms without a final verdict, in the order of file and byte. */
  openSymptoms(): readonly LogEvent[] {
    return this.#statements.openSymptoms.all().map((row) => read(row).event);
  }

  /** What Postgres said of itself before a moment, newest first. */
  contextBefore(us: number, limit: number): readonly LogEvent[] {
    return this.#statements.contextBefore.all(us, limit).map((row) => read(row).event);
  }

  /** The newest notes of denokv, newest first. */
  notes(limit: number): readonly LogEvent[] {
    return this.#statements.notes.all(limit).map((row) => read(row).event);
  }

  /** Of a file, from a place on. */
  countFrom(fileId: number, byteStart: number): number {
    return this.#statements.countFrom.get(fileId, byteStart)?.count ?? 0;
  }

  newestUs(): number | null {
    return this.#statements.newest.get()?.us ?? null;
  }

  /** Of the timed event that so many are newer than, or null. */
  usFromEnd(count: number): number | null {
    return this.#statements.fromEnd.get(count)?.us ?? null;
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
    openSymptom: database.prepare<[number, number]>(
      'INSERT OR IGNORE INTO open_symptoms (file_id, byte_start) VALUES (?, ?)',
    ),
    openSymptoms: database.prepare<[], EventRow>(
      'SELECT e.id, e.body FROM open_symptoms o JOIN events e USING (file_id, byte_start) ORDER BY file_id, byte_start',
    ),
    contextBefore: database.prepare<[number, number], EventRow>(
      `SELECT id, body FROM events WHERE kind = 'postgres_context' AND at_us < ? ORDER BY at_us DESC LIMIT ?`,
    ),
    notes: database.prepare<[number], EventRow>(
      `SELECT id, body FROM events WHERE kind = 'denokv_note' ORDER BY id DESC LIMIT ?`,
    ),
    newest: database.prepare<[], { us: number | null }>('SELECT max(at_us) AS us FROM events WHERE at_us IS NOT NULL'),
    fromEnd: database.prepare<[number], { us: number }>(
      'SELECT at_us AS us FROM events WHERE at_us IS NOT NULL ORDER BY at_us DESC LIMIT 1 OFFSET ?',
    ),
    countFrom: database.prepare<[number, number], { count: number }>(
      'SELECT count(*) AS count FROM events WHERE file_id = ? AND byte_start >= ?',
    ),
    remove: database.prepare<[number, number]>('DELETE FROM events WHERE file_id = ? AND byte_start = ?'),
    at: database.prepare<[number, number], EventRow>(
      'SELECT id, body FROM events WHERE file_id = ? AND byte_start = ?',
    ),
    timeBefore: database.prepare<[number, number], { us: number | null }>(
      `SELECT coalesce(at_us, near_us) AS us FROM events WHERE file_id = ? AND byte_start < ?
       ORDER BY byte_start DESC LIMIT 1`,
    ),
    byId: database.prepare<[number], EventRow>('SELECT id, body FROM events WHERE id = ?'),
    timed: database.prepare<[number, number, number], EventRow>(
      'SELECT id, body FROM events WHERE at_us >= ? AND at_us < ? ORDER BY at_us, file_id, byte_start LIMIT ?',
    ),
    near: database.prepare<[number, number, number], EventRow>(
      'SELECT id, body FROM events WHERE at_us IS NULL AND near_us >= ? AND near_us < ? ORDER BY id LIMIT ?',
    ),
    untimed: database.prepare<[number, number], EventRow>(
      'SELECT id, body FROM events WHERE at_us IS NULL AND near_us IS NULL AND id > ? ORDER BY id LIMIT ?',
    ),
    after: database.prepare<[number, number], EventRow>('SELECT id, body FROM events WHERE id > ? ORDER BY id LIMIT ?'),
  };
}
