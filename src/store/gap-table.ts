import type { Database } from 'better-sqlite3';
import type { GapEvent, LogEvent, LogGap, SourceKind } from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';

interface GapRow {
  readonly kind: SourceKind;
  readonly path: string;
  readonly reason: string;
  readonly bytes_lost: number | null;
  readonly from_us: number | null;
  readonly to_us: number | null;
}

/** More gaps than this come from a log that is cut again and again; the oldest are let go. */
const KEEP = 1000;

/** Where lines of the logs were lost, from the newest event before to the first one after. */
export class GapTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** To be called for new and changed events in the order in which they stand. */
  add(events: readonly LogEvent[]): void {
    const ended = new Set<number>();
    for (const event of events) {
      const { fileId } = event.citation;
      if (event.kind === 'gap') this.#begin(event);
      else if (event.at !== null && !ended.has(fileId)) {
        // Looked up by its key with each commit: what is remembered here would outlive a transaction that failed.
        this.#statements.end.run({ fileId, us: event.at.us });
        ended.add(fileId);
      }
    }
  }

  /** Newest first. */
  newest(limit: number): readonly LogGap[] {
    return this.#statements.newest.all(limit).map(({ kind, path, reason, bytes_lost, from_us, to_us }) => ({
      kind,
      path,
      from: from_us === null ? null : formatUtc(from_us),
      to: to_us === null ? null : formatUtc(to_us),
      reason,
      bytesLost: bytes_lost,
    }));
  }

  #begin({ citation: { fileId }, reason, bytesLost }: GapEvent): void {
    if (bytesLost === 0) return;
    this.#statements.begin.run({ fileId, reason, bytesLost });
    this.#statements.forget.run(KEEP);
  }
}

function prepare(database: Database) {
  return {
    begin: database.prepare<[{ fileId: number; reason: string; bytesLost: number | null }]>(
      `INSERT INTO gaps (file_id, path, reason, bytes_lost, from_us)
       SELECT f.id, f.path, @reason, @bytesLost, (SELECT max(b.newest_us) FROM files b WHERE b.path = f.path AND b.id < f.id)
       FROM files f WHERE f.id = @fileId
       ON CONFLICT DO NOTHING`,
    ),
    // A clock that was set back makes no gap that ends before it begins.
    end: database.prepare<[{ fileId: number; us: number }]>(
      'UPDATE gaps SET to_us = max(coalesce(from_us, @us), @us) WHERE file_id = @fileId AND to_us IS NULL',
    ),
    newest: database.prepare<[number], GapRow>(
      `SELECT f.kind, g.path, g.reason, g.bytes_lost, g.from_us, g.to_us FROM gaps g JOIN files f ON f.id = g.file_id
       ORDER BY g.file_id DESC LIMIT ?`,
    ),
    forget: database.prepare<[number]>(
      'DELETE FROM gaps WHERE file_id <= (SELECT file_id FROM gaps ORDER BY file_id DESC LIMIT 1 OFFSET ?)',
    ),
  };
}
