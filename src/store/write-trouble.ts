import Sqlite from 'better-sqlite3';
import { WhydError } from '../errors.ts';

interface TroubleRow {
  readonly code: string;
  readonly says: string;
  readonly hint: string;
}

const NOTHING_LOST = 'nothing is lost: whyd holds its place in the logs and goes on by itself';

/** Why a write fails, mostly for a time only, by the beginning of SQLite's code. */
const TROUBLES: readonly (readonly [prefix: string, row: TroubleRow])[] = [
  [
    'SQLITE_FULL',
    {
      code: 'index.disk_full',
      says: 'the disk that holds the index is full',
      hint: `free space there, or lower index.keep; ${NOTHING_LOST}`,
    },
  ],
  [
    'SQLITE_BUSY',
    {
      code: 'index.busy',
      says: 'another process holds the index',
      hint: `end the program that has it open; ${NOTHING_LOST}`,
    },
  ],
  [
    'SQLITE_READONLY',
    {
      code: 'index.read_only',
      says: 'the index may not be written',
      hint: `give the file back to the account that runs whyd; ${NOTHING_LOST}`,
    },
  ],
  [
    'SQLITE_IOERR',
    {
      code: 'index.io_error',
      says: 'the disk that holds the index reports an error',
      hint: `check the disk and the kernel log; ${NOTHING_LOST}`,
    },
  ],
  [
    'SQLITE_CORRUPT',
    {
      code: 'index.corrupt',
      says: 'the index is damaged',
      hint: 'see `whyd db check`; stop whyd, then restore a backup or move the file away: the logs are read anew',
    },
  ],
];

/** Says why a write failed in an operator's words; anything but SQLite's own errors passes unchanged. */
export function withWriteTroubles<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    const row = TROUBLES.find(([prefix]) => error.code.startsWith(prefix))?.[1];
    if (row === undefined) throw error;
    throw new WhydError(row.code, row.says, { hint: row.hint, cause: error });
  }
}
