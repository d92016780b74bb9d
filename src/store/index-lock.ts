import { closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { REFUSALS } from './refusals.ts';

/** Where SQLite's header keeps `user_version`: the owner's pid, readable without the lock. */
const PID_OFFSET = 60;

/** A process that opens and closes the lock file loses its own lock (POSIX), so what it holds itself it knows from here. */
const held = new Set<string>();

/**
 * Makes this process the one that writes the index at `path`. The lock is SQLite's exclusive lock on a small file beside the index: the
 * kernel drops it with the process, however that ends, so nothing stale is ever left.
 * @returns the releaser; idempotent
 * @throws WhydError `index.in_use` with the owner's pid
 */
export function lockIndex(path: string): () => void {
  const lockPath = resolve(`${path}.lock`);
  if (held.has(lockPath)) throw REFUSALS.inUse(path, process.pid);
  const lock = take(path, lockPath);
  held.add(lockPath);
  return () => {
    if (held.delete(lockPath)) lock.close();
  };
}

function take(path: string, lockPath: string): Sqlite.Database {
  let lock: Sqlite.Database;
  try {
    mkdirSync(dirname(lockPath), { recursive: true, mode: 0o700 });
    lock = new Sqlite(lockPath, { timeout: 0 });
  } catch (error) {
    throw REFUSALS.folderUnusable(dirname(lockPath), error);
  }
  try {
    // In this mode the lock that the first write takes is never given back.
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.pragma(`user_version = ${String(process.pid)}`);
    return lock;
  } catch (error) {
    lock.close();
    const code = error instanceof Sqlite.SqliteError ? error.code : '';
    if (code.startsWith('SQLITE_BUSY')) throw REFUSALS.inUse(path, ownerOf(lockPath));
    if (code.startsWith('SQLITE_FULL')) throw REFUSALS.diskFull(path, error);
    throw REFUSALS.lockUnusable(lockPath, error);
  }
}

function ownerOf(lockPath: string): number | null {
  try {
    const descriptor = openSync(lockPath, 'r');
    try {
      const bytes = Buffer.alloc(4);
      return readSync(descriptor, bytes, 0, 4, PID_OFFSET) === 4 ? bytes.readUInt32BE(0) : null;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}
