import Sqlite from 'better-sqlite3';
import { admitDatabase, admitFile, withRefusals } from './admission.ts';
import { createDatabase, removeDrafts } from './create-database.ts';
import { lockIndex } from './index-lock.ts';
import { migrate } from './migrations.ts';
import { REFUSALS } from './refusals.ts';
import { WhydIndex } from './whyd-index.ts';
import type { IndexOptions } from './whyd-index.ts';

export interface OpenIndexOptions extends IndexOptions {
  /** For a reader beside the daemon: nothing is made and nothing is brought up to date. */
  readonly readOnly?: boolean;
  /** For the daemon: refuse when another one writes this index, and keep others out until it is closed. */
  readonly exclusive?: boolean;
}

/** How a connection is used. */
interface Manner {
  readonly readOnly: boolean;
  readonly cacheKib: number;
  /** How long it waits for another's transaction before it gives up. */
  readonly busyTimeoutMs: number;
}

/** Who writes appends, and needs no more than SQLite's own measure of a cache. */
const SHARED: Manner = { readOnly: false, cacheKib: 2000, busyTimeoutMs: 5000 };
/** The daemon holds its place and tries again by itself; while it waits, it reads nothing. */
const DAEMON_BUSY_TIMEOUT_MS = 200;
/** Readers go all over a large index: its inner pages stay with them. A write of theirs waits for some of the daemon's, and all answers with it. */
const BESIDE: Manner = { readOnly: false, cacheKib: 32 * 1024, busyTimeoutMs: 1000 };
/** A back-fill's write-ahead log is cut back to this once it has been taken over. */
const WAL_LIMIT_BYTES = 16 * 2 ** 20;

/**
 * Opens the index at `path`, and makes it (with its folder) when there is none.
 * @throws WhydError `index.*`: a directory, a foreign or damaged file, a newer schema, an unwritable folder; the file is left untouched
 */
export function openIndex(path: string, options: OpenIndexOptions = {}): WhydIndex {
  if (options.exclusive !== true) return openShared(path, options, () => undefined);
  const release = lockIndex(path);
  try {
    removeDrafts(path);
    return openShared(path, options, release);
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * A second connection of this very process to an index that it has open. The file is not looked at beforehand: to close a descriptor of it would let go of
 * the locks that the process holds on it (POSIX), and with them of what keeps another one from taking the write-ahead log away.
 */
export function openBeside(path: string, options: IndexOptions): WhydIndex {
  return connect(path, options, BESIDE, () => undefined);
}

function openShared(path: string, options: OpenIndexOptions, release: () => void): WhydIndex {
  const readOnly = options.readOnly ?? false;
  if (!admitFile(path)) {
    if (readOnly) throw REFUSALS.missing(path);
    createDatabase(path);
  }
  admitDatabase(path, readOnly);
  const busyTimeoutMs = options.exclusive === true ? DAEMON_BUSY_TIMEOUT_MS : SHARED.busyTimeoutMs;
  return connect(path, options, { ...SHARED, readOnly, busyTimeoutMs }, release);
}

function connect(
  path: string,
  options: IndexOptions,
  { readOnly, cacheKib, busyTimeoutMs }: Manner,
  release: () => void,
): WhydIndex {
  return withRefusals(path, () => {
    const database = new Sqlite(path, { readonly: readOnly, timeout: SHARED.busyTimeoutMs, fileMustExist: true });
    try {
      if (!readOnly) {
        database.pragma('journal_mode = WAL');
        database.pragma('synchronous = NORMAL');
        database.pragma(`journal_size_limit = ${String(WAL_LIMIT_BYTES)}`);
      }
      database.pragma('foreign_keys = ON');
      database.pragma(`cache_size = -${String(cacheKib)}`);
      if (!readOnly) migrate(database);
      database.pragma(`busy_timeout = ${String(busyTimeoutMs)}`);
      return new WhydIndex(database, options, release);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}
