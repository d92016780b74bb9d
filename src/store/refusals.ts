import { WhydError } from '../errors.ts';

const KEEP = 'it was left as it is';

/** Every reason for which an index is not opened. None of them changes the file. */
export const REFUSALS = {
  isDirectory: (path: string) =>
    new WhydError('index.is_directory', `the index ${path} is a directory`, {
      hint: `name a file in it, e.g. index.path: ${path}/whyd.db`,
    }),
  missing: (path: string) =>
    new WhydError('index.missing', `there is no index at ${path}`, { hint: 'start the daemon (`whyd run`) first' }),
  notADatabase: (path: string) =>
    new WhydError('index.not_a_database', `${path} is not an index of whyd, nor any SQLite database; ${KEEP}`, {
      hint: 'point index.path at another file, or move this one away',
    }),
  foreign: (path: string) =>
    new WhydError('index.foreign', `${path} is a SQLite database of another program; ${KEEP}`, {
      hint: 'point index.path at another file',
    }),
  newerSchema: (path: string, found: number, known: number) =>
    new WhydError(
      'index.newer_schema',
      `the index ${path} has schema ${String(found)}, this whyd knows ${String(known)}; ${KEEP}`,
      { hint: 'install the newer whyd again, or point index.path at another file' },
    ),
  olderSchema: (path: string, found: number, known: number) =>
    new WhydError('index.older_schema', `the index ${path} has schema ${String(found)}, not ${String(known)} yet`, {
      hint: 'start the daemon (`whyd run`) once: it brings the index up to date',
    }),
  corrupt: (path: string, cause: unknown) =>
    new WhydError('index.corrupt', `the index ${path} is damaged: ${reasonOf(cause)}; ${KEEP}`, {
      hint: 'restore a backup, or move the file away: whyd then reads the logs anew',
      cause,
    }),
  folderUnusable: (folder: string, cause: unknown) =>
    new WhydError('index.folder_unwritable', `cannot keep an index in the folder ${folder}: ${reasonOf(cause)}`, {
      hint: 'create it for the account that runs whyd, or choose another index.path',
      cause,
    }),
  copyFailed: (target: string, cause: unknown) =>
    new WhydError('index.copy_failed', `cannot copy the index to ${target}: ${reasonOf(cause)}`, {
      hint: 'name a file in a folder that is there and may be written to, on a disk with room',
      cause,
    }),
  unreadable: (path: string, cause: unknown) =>
    new WhydError('index.unreadable', `cannot read the index ${path}: ${reasonOf(cause)}`, {
      hint: 'run whyd as the account that owns the index',
      cause,
    }),
  inUse: (path: string, pid: number | null) =>
    new WhydError(
      'index.in_use',
      `another whyd${pid === null ? '' : ` (pid ${String(pid)})`} writes the index ${path}`,
      {
        hint:
          pid === null ? 'stop it first' : `stop it first (kill ${String(pid)}), or give this one another index.path`,
      },
    ),
  diskFull: (path: string, cause: unknown) =>
    new WhydError('index.disk_full', `the disk that holds the index ${path} is full`, {
      hint: 'free space there; nothing is lost: whyd goes on where it stopped',
      cause,
    }),
  lockUnusable: (path: string, cause: unknown) =>
    new WhydError('index.lock_unusable', `cannot use the lock file ${path}: ${reasonOf(cause)}`, {
      hint: 'delete it if no whyd is running: it holds nothing but a pid',
      cause,
    }),
  busy: (path: string, cause: unknown) =>
    new WhydError('index.busy', `another process holds the index ${path}`, {
      hint: 'stop the other whyd, or wait until it has finished',
      cause,
    }),
} as const;

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
