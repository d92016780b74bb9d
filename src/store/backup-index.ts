import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { WhydError } from '../errors.ts';
import { admitFile, withRefusals } from './admission.ts';
import { REFUSALS } from './refusals.ts';

/**
 * Copies an index while the daemon writes it. The copy is whole from the moment it has its name.
 * @throws WhydError `index.*`; a file that is there already is left alone
 */
export async function backupIndex(path: string, target: string): Promise<void> {
  if (!admitFile(path)) throw REFUSALS.missing(path);
  if (existsSync(target)) {
    throw new WhydError('index.backup_exists', `${target} is there already; it was left as it is`, {
      hint: 'name a new file',
    });
  }
  const draft = `${target}.${String(process.pid)}.new`;
  const database = withRefusals(path, () => new Sqlite(path, { readonly: true, timeout: 5000 }));
  try {
    // Made first, so that nobody else can read the copy while it grows.
    closeSync(openSync(draft, 'wx', 0o600));
    await database.backup(draft);
    renameSync(draft, target);
  } catch (error) {
    throw error instanceof WhydError ? error : REFUSALS.copyFailed(target, error);
  } finally {
    rmSync(draft, { force: true });
    database.close();
  }
}
