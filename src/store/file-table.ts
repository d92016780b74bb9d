import type { Database } from 'better-sqlite3';
import type {
  Detection,
  FileCheckpoint,
  FileIdentity,
  FileOpening,
  ParseCounts,
  SourceKind,
  SourceStatus,
} from '../domain.ts';
import { WhydError } from '../errors.ts';
import { formatUtc } from '../time/rfc3339.ts';

/** What was learned about a file. Replaces what was stored before, so counts are totals. */
export interface FileFacts {
  readonly fileId: number;
  readonly detection: Detection | null;
  readonly counts: ParseCounts;
  readonly gaps: number;
  /** Line ends before the checkpoint's offset; null: not counted. */
  readonly linesBefore: number | null;
}

/** What a restart needs to go on where the facts of a file were left. */
export interface StoredFacts extends Omit<FileFacts, 'fileId'> {
  /** The offset that `linesBefore` belongs to. */
  readonly offset: number;
}

interface StatusRow {
  readonly kind: SourceKind;
  readonly path: string;
  readonly offset: number;
  readonly gaps: number;
  readonly detection: string | null;
  readonly counts: string | null;
  readonly newest_us: number | null;
}

const NO_COUNTS: ParseCounts = { lines: 0, events: 0, statements: 0, unrecognised: 0, truncated: 0, example: null };

const CHECKPOINT_COLUMNS = `path, dev, ino, birthtime_ns AS birthtimeNs, generation, offset, head_hash AS headHash,
  head_bytes AS headBytes, marker_hash AS markerHash, marker_bytes AS markerBytes`;

/** Files, their generations and their checkpoints. */
export class FileTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** The id of a file's generation; the same opening gives the same id for ever. A file that had ended goes on. */
  open({ kind, path, identity, generation }: FileOpening, openedAtMs: number | null): number {
    const { dev, ino, birthtimeNs } = identity;
    const row = this.#statements.open.get(kind, path, dev, ino, birthtimeNs, generation, openedAtMs);
    if (row === undefined) throw new WhydError('internal.no_file_row', `no row for ${path}`);
    return row.id;
  }

  /** No more bytes will come under this id. */
  end(fileId: number): void {
    this.#statements.end.run(fileId);
  }

  /** @throws WhydError when the file was never opened: a checkpoint without its events must not look stored */
  saveCheckpoint(checkpoint: FileCheckpoint): void {
    if (this.#statements.saveCheckpoint.run(checkpoint).changes === 1) return;
    throw new WhydError('internal.unknown_file', `a checkpoint came for ${checkpoint.path}, which was never opened`);
  }

  saveFacts({ fileId, detection, counts, gaps, linesBefore }: FileFacts): void {
    const detected = detection && JSON.stringify(detection);
    this.#statements.saveFacts.run(detected, JSON.stringify(counts), gaps, linesBefore, fileId);
  }

  newestEvent(fileId: number, atUs: number): void {
    this.#statements.newestEvent.run(atUs, fileId);
  }

  isEmpty(): boolean {
    return this.#statements.any.get() === undefined;
  }

  /** The newest generation of a file, or null. */
  checkpointByIdentity({ dev, ino, birthtimeNs }: FileIdentity): FileCheckpoint | null {
    return this.#statements.byIdentity.get(dev, ino, birthtimeNs) ?? null;
  }

  /** The newest generations of a file, newest first. */
  generations({ dev, ino, birthtimeNs }: FileIdentity): readonly FileCheckpoint[] {
    return this.#statements.byIdentity.all(dev, ino, birthtimeNs);
  }

  /** Of the files that were last seen in a folder, newest first. */
  inFolder(folder: string): readonly FileCheckpoint[] {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`;
    return this.#statements.inFolder.all(prefix, `${prefix}\u{10ffff}`);
  }

  /** When a generation was first seen, wall clock in milliseconds, or null. */
  openedAtMs({ dev, ino, birthtimeNs, generation }: FileCheckpoint): number | null {
    return this.#statements.openedAt.get(dev, ino, birthtimeNs, generation)?.opened_ms ?? null;
  }

  /** The newest file last seen at a path that has not ended, or null. */
  checkpointByPath(path: string): FileCheckpoint | null {
    return this.#statements.byPath.get(path) ?? null;
  }

  /** What was learned about a file when it was last read. */
  facts(fileId: number): StoredFacts | null {
    const row = this.#statements.facts.get(fileId);
    if (row === undefined) return null;
    return { ...readFacts(row), gaps: row.gaps, offset: row.offset, linesBefore: row.lines_before };
  }

  /** One status a path, from what is stored: nobody follows the files now, or the daemon would be asked. */
  storedSources(): readonly SourceStatus[] {
    return this.#statements.sources.all().map((row) => ({
      kind: row.kind,
      path: row.path,
      state: 'waiting',
      reason: 'not being followed at the moment',
      hint: 'start the daemon (`whyd run`)',
      offset: row.offset,
      sizeBytes: row.offset,
      lagBytes: 0,
      gaps: row.gaps,
      ...readFacts(row),
      newestAt: row.newest_us === null ? null : formatUtc(row.newest_us),
    }));
  }
}

function readFacts({ detection, counts }: Pick<StatusRow, 'detection' | 'counts'>): {
  detection: Detection | null;
  counts: ParseCounts;
} {
  return {
    detection: detection === null ? null : (JSON.parse(detection) as Detection),
    counts: counts === null ? NO_COUNTS : (JSON.parse(counts) as ParseCounts),
  };
}

function prepare(database: Database) {
  return {
    open: database.prepare<[string, string, string, string, string, number, number | null], { id: number }>(
      `INSERT INTO files (kind, path, dev, ino, birthtime_ns, generation, opened_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (dev, ino, birthtime_ns, generation) DO UPDATE SET kind = excluded.kind, path = excluded.path, ended = 0
       RETURNING id`,
    ),
    facts: database.prepare<[number], Omit<StatusRow, 'kind' | 'path' | 'newest_us'> & { lines_before: number | null }>(
      'SELECT detection, counts, gaps, offset, lines_before FROM files WHERE id = ?',
    ),
    openedAt: database.prepare<[string, string, string, number], { opened_ms: number | null }>(
      'SELECT opened_ms FROM files WHERE dev = ? AND ino = ? AND birthtime_ns = ? AND generation = ?',
    ),
    any: database.prepare<[], { id: number }>('SELECT id FROM files LIMIT 1'),
    end: database.prepare<[number]>('UPDATE files SET ended = 1 WHERE id = ?'),
    saveCheckpoint: database.prepare<[FileCheckpoint]>(
      `UPDATE files SET path = @path, offset = @offset, head_hash = @headHash, head_bytes = @headBytes,
         marker_hash = @markerHash, marker_bytes = @markerBytes
       WHERE dev = @dev AND ino = @ino AND birthtime_ns = @birthtimeNs AND generation = @generation`,
    ),
    saveFacts: database.prepare<[string | null, string, number, number | null, number]>(
      'UPDATE files SET detection = ?, counts = ?, gaps = ?, lines_before = ? WHERE id = ?',
    ),
    newestEvent: database.prepare<[number, number]>(
      'UPDATE files SET newest_us = max(coalesce(newest_us, 0), ?) WHERE id = ?',
    ),
    byIdentity: database.prepare<[string, string, string], FileCheckpoint>(
      `SELECT ${CHECKPOINT_COLUMNS} FROM files WHERE dev = ? AND ino = ? AND birthtime_ns = ?
       ORDER BY generation DESC LIMIT 16`,
    ),
    inFolder: database.prepare<[string, string], FileCheckpoint>(
      `SELECT ${CHECKPOINT_COLUMNS} FROM files WHERE path > ? AND path < ? ORDER BY id DESC LIMIT 500`,
    ),
    byPath: database.prepare<[string], FileCheckpoint>(
      `SELECT ${CHECKPOINT_COLUMNS} FROM files WHERE path = ? AND ended = 0 ORDER BY id DESC LIMIT 1`,
    ),
    sources: database.prepare<[], StatusRow>(
      `SELECT kind, path, offset, gaps, detection, counts, newest_us FROM files
       WHERE id IN (SELECT max(id) FROM files GROUP BY path) ORDER BY path`,
    ),
  };
}
