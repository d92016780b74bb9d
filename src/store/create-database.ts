import { closeSync, linkSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { WhydError } from '../errors.ts';
import { APPLICATION_ID } from './admission.ts';
import { migrate } from './migrations.ts';
import { REFUSALS } from './refusals.ts';

/**
 * Makes an empty index that is whole from the moment it has its name: built under another name, then moved. A crash in between leaves no
 * half-made file that would later be taken for a foreign one. Readable by its owner only, since logs hold people's data.
 * @throws WhydError `index.folder_unwritable`
 */
export function createDatabase(path: string): void {
  const folder = dirname(path);
  const draft = `${path}.${String(process.pid)}.new`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    rmSync(draft, { force: true });
    closeSync(openSync(draft, 'wx', 0o600));
  } catch (error) {
    throw REFUSALS.folderUnusable(folder, error);
  }
  try {
    fill(draft);
    takeName(draft, path);
  } catch (error) {
    throw error instanceof WhydError ? error : REFUSALS.folderUnusable(folder, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Drafts of processes that were killed while they made an index. Only for who holds the index's lock. */
export function removeDrafts(path: string): void {
  const folder = dirname(path);
  const isDraft = (name: string): boolean =>
    name.startsWith(`${basename(path)}.`) && /^\.\d+\.new(?:-journal)?$/.test(name.slice(basename(path).length));
  for (const name of readdirSync(folder).filter(isDraft)) rmSync(join(folder, name), { force: true });
}

function fill(draft: string): void {
  const database = new Sqlite(draft);
  try {
    // Can be chosen only while the file is empty; without it a pruned index never gets smaller.
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma(`application_id = ${String(APPLICATION_ID)}`);
    migrate(database);
  } finally {
    database.close();
  }
}

function takeName(draft: string, path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.size === 0) {
    renameSync(draft, path);
    return;
  }
  try {
    // Unlike a rename, a link never replaces what another process has just made.
    linkSync(draft, path);
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) throw error;
  }
}
