import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { WhydError } from '../errors.ts';
import { SCHEMA_VERSION, schemaVersionOf } from './migrations.ts';
import { REFUSALS } from './refusals.ts';

/** "whyd" in ASCII, at offset 68 of the file: what tells an index from any other SQLite database. */
export const APPLICATION_ID = 0x77687964;

/** Up to this size a whole check costs well under a second at the start; larger files are checked on request only. */
const QUICK_CHECK_MAX_BYTES = 32 * 1024 * 1024;

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

interface Header {
  readonly applicationId: number;
  readonly schemaVersion: number;
  /** The size that the header promises, or null where it does not say (an older writer). */
  readonly promisedBytes: number | null;
  readonly sizeBytes: number;
}

function readHeader(path: string): Header | null {
  const descriptor = openSync(path, 'r');
  try {
    const header = Buffer.alloc(100);
    const length = readSync(descriptor, header, 0, header.length, 0);
    if (length < header.length || !header.subarray(0, MAGIC.length).equals(MAGIC)) return null;
    // The page count counts only when the two change counters agree (SQLite file format, 1.3.7).
    const counted = header.readUInt32BE(24) === header.readUInt32BE(92);
    const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    return {
      applicationId: header.readUInt32BE(68),
      schemaVersion: header.readUInt32BE(60),
      promisedBytes: counted ? header.readUInt32BE(28) * pageBytes : null,
      sizeBytes: fstatSync(descriptor).size,
    };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Looks at a file without opening it as a database, because even a read-only connection makes files beside it.
 * @returns false when there is nothing yet (no file, or an empty one)
 * @throws WhydError `index.*`
 */
export function admitFile(path: string): boolean {
  const stats = statOrRefusal(path);
  if (stats === undefined) return false;
  if (stats.isDirectory()) throw REFUSALS.isDirectory(path);
  if (!stats.isFile()) throw REFUSALS.notADatabase(path);
  if (stats.size === 0) return false;
  const header = headerOrRefusal(path);
  if (header === null) throw REFUSALS.notADatabase(path);
  if (header.applicationId !== APPLICATION_ID) throw REFUSALS.foreign(path);
  if (header.schemaVersion > SCHEMA_VERSION) throw REFUSALS.newerSchema(path, header.schemaVersion, SCHEMA_VERSION);
  // After a crash the newest pages may still be in the write-ahead log alone; else a short file has lost its end.
  const { promisedBytes, sizeBytes } = header;
  const isShort = promisedBytes !== null && sizeBytes < promisedBytes;
  if (isShort && !existsSync(`${path}-wal`)) throw REFUSALS.corrupt(path, new Error('the end of the file is missing'));
  return true;
}

function statOrRefusal(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw REFUSALS.folderUnusable(dirname(path), error);
  }
}

function headerOrRefusal(path: string): Header | null {
  try {
    return readHeader(path);
  } catch (error) {
    throw REFUSALS.unreadable(path, error);
  }
}

/** The second look, through a connection that cannot write: now the write-ahead log is seen as well. @throws WhydError `index.*` */
export function admitDatabase(path: string, readOnly: boolean): void {
  withRefusals(path, () => {
    const database = new Sqlite(path, { readonly: true, timeout: 5000 });
    try {
      const found = schemaVersionOf(database);
      if (found > SCHEMA_VERSION) throw REFUSALS.newerSchema(path, found, SCHEMA_VERSION);
      if (readOnly && found < SCHEMA_VERSION) throw REFUSALS.olderSchema(path, found, SCHEMA_VERSION);
      if (statSync(path).size <= QUICK_CHECK_MAX_BYTES) quickCheck(database, path);
    } finally {
      database.close();
    }
  });
}

function quickCheck(database: Database, path: string): void {
  const finding = database.pragma('quick_check(1)', { simple: true });
  if (finding !== 'ok') throw REFUSALS.corrupt(path, new Error(String(finding)));
}

/** Says SQLite's own refusals in an operator's words. */
export function withRefusals<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof WhydError || !(error instanceof Sqlite.SqliteError)) throw error;
    if (error.code.startsWith('SQLITE_CORRUPT') || error.code === 'SQLITE_NOTADB') throw REFUSALS.corrupt(path, error);
    if (error.code.startsWith('SQLITE_BUSY')) throw REFUSALS.busy(path, error);
    throw REFUSALS.unreadable(path, error);
  }
}
