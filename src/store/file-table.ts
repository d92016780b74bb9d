import type { Database } from 'better-sqlite3';
import type { Detection, ParseCounts, SourceKind, SourceStatus } from '../domain.ts';
import { WhydError } from '../errors.ts';
import { formatUtc } from '../time/rfc3339.ts';

/** Which physical file, whatever its name: device, inode and birth time, as decimal strings. */
export interface FileIdentity {
  readonly dev: string;
  readonly ino: string;
  readonly birthtimeNs: string;
}

/** One generation of one file, before it has an id. */
export interface FileOpening {
  readonly kind: SourceKind;
  readonly path: string;
  readonly identity: FileIdentity;
  readonly generation: number;
}

/** Where to go on with a file, and the proof that it is the same one. Made by a tailer; the index only keeps it. */
export interface FileCheckpoint extends FileIdentity {
  readonly path: string;
  readonly generation: number;
  readonly offset: number;
  readonly headHash: string;
  readonly headBytes: number;
  readonly markerHash: string;
  readonly markerBytes: number;
}

/** What was learned about a file. Replaces what was stored before, so counts are totals. */
export interface FileFacts {
  readonly fileId: number;
  readonly detection: Detection | null;
  readonly counts: ParseCounts;
  readonly gaps: number;
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
  open({ kind, path, identity, generation }: FileOpening): number {
    const { dev, ino, birthtimeNs } = identity;
    const row = this.#statements.open.get(kind, path, dev, ino, birthtimeNs, generation);
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

  saveFacts({ fileId, detection, counts, gaps }: FileFacts): void {
    this.#statements.saveFacts.run(detection && JSON.stringify(detection), JSON.stringify(counts), gaps, fileId);
  }

  newestEvent(fileId: number, atUs: number): void {
    this.#statements.newestEvent.run(atUs, fileId);
  }

  /** The newest generation of a file, or null. */
  checkpointByIdentity({ dev, ino, birthtimeNs }: FileIdentity): FileCheckpoint | null {
    return this.#statements.byIdentity.get(dev, ino, birthtimeNs) ?? null;
  }

  /** The newest file last seen at a path that has not ended, or null. */
  checkpointByPath(path: string): FileCheckpoint | null {
    return this.#statements.byPath.get(path) ?? null;
  }

  /** What a file was found to be when it was last read. */
  detection(fileId: number): Detection | null {
    const row = this.#statements.detection.get(fileId);
    return row?.detection == null ? null : (JSON.parse(row.detection) as Detection);
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
      detection: row.detection === null ? null : (JSON.parse(row.detection) as Detection),
      counts: row.counts === null ? NO_COUNTS : (JSON.parse(row.counts) as ParseCounts),
      newestAt: row.newest_us === null ? null : formatUtc(row.newest_us),
    }));
  }
}

function prepare(database: Database) {
  return {
    open: database.prepare<[string, string, string, string, string, number], { id: number }>(
      `INSERT INTO files (kind, path, dev, ino, birthtime_ns, generation) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (dev, ino, birthtime_ns, generation) DO UPDATE SET kind = excluded.kind, path = excluded.path, ended = 0
       RETURNING id`,
    ),
    detection: database.prepare<[number], { detection: string | null }>('SELECT detection FROM files WHERE id = ?'),
    end: database.prepare<[number]>('UPDATE files SET ended = 1 WHERE id = ?'),
    saveCheckpoint: database.prepare<[FileCheckpoint]>(
      `UPDATE files SET path = @path, offset = @offset, head_hash = @headHash, head_bytes = @headBytes,
         marker_hash = @markerHash, marker_bytes = @markerBytes
       WHERE dev = @dev AND ino = @ino AND birthtime_ns = @birthtimeNs AND generation = @generation`,
    ),
    saveFacts: database.prepare<[string | null, string, number, number]>(
      'UPDATE files SET detection = ?, counts = ?, gaps = ? WHERE id = ?',
    ),
    newestEvent: database.prepare<[number, number]>(
      'UPDATE files SET newest_us = max(coalesce(newest_us, 0), ?) WHERE id = ?',
    ),
    byIdentity: database.prepare<[string, string, string], FileCheckpoint>(
      `SELECT ${CHECKPOINT_COLUMNS} FROM files WHERE dev = ? AND ino = ? AND birthtime_ns = ?
       ORDER BY generation DESC LIMIT 1`,
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
