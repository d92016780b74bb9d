import type { Database } from 'better-sqlite3';
import type { Marker } from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';

interface MarkerRow {
  readonly id: number;
  readonly at_us: number;
  readonly text: string;
}

const PAGE_LIMIT = 1000;
/** More deploys than this in one index are a script gone wrong; the oldest are let go. */
const KEEP = 10_000;

/** What people did and when. */
export class MarkerTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  add(text: string, atUs: number): Marker {
    const id = Number(this.#statements.add.run(atUs, text).lastInsertRowid);
    this.#statements.prune.run(id - KEEP);
    return { id, at: formatUtc(atUs), text };
  }

  /** Newest first, those of [sinceUs, untilUs). */
  between(sinceUs: number, untilUs: number): readonly Marker[] {
    return this.#statements.between
      .all(sinceUs, untilUs, PAGE_LIMIT)
      .map(({ id, at_us, text }) => ({ id, at: formatUtc(at_us), text }));
  }
}

function prepare(database: Database) {
  return {
    add: database.prepare<[number, string]>('INSERT INTO markers (at_us, text) VALUES (?, ?)'),
    prune: database.prepare<[number]>('DELETE FROM markers WHERE id <= ?'),
    between: database.prepare<[number, number, number], MarkerRow>(
      'SELECT id, at_us, text FROM markers WHERE at_us >= ? AND at_us < ? ORDER BY at_us DESC, id DESC LIMIT ?',
    ),
  };
}
