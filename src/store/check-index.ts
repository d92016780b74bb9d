import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { admitFile, withRefusals } from './admission.ts';
import { REFUSALS } from './refusals.ts';

/** What is wrong with an index, and how to mend it. */
export interface IndexFinding {
  readonly check: 'integrity' | 'orphans' | 'checkpoints';
  readonly says: string;
  readonly hint: string;
}

interface Row {
  readonly name: string;
}

interface Sanity {
  readonly check: IndexFinding['check'];
  readonly says: (count: number, example: string) => string;
  readonly hint: string;
  /** Gives one row for each thing that is wrong. */
  readonly sql: string;
}

const RESTORE = 'restore a backup, or move the file away: whyd then reads the logs anew';
const REREAD = 'harmless: whyd reads the file anew from its beginning when it no longer fits';
const TRUNCATED =
  'the file was truncated since it was read: a running whyd sees that at once, a stopped one when it starts, and records a gap';
const MAX_PROBLEMS = 20;

const SANITY: readonly Sanity[] = [
  {
    check: 'orphans',
    says: (count, example) => `${String(count)} rows refer to rows that are not there (first in ${example})`,
    hint: RESTORE,
    sql: `SELECT "table" AS name FROM pragma_foreign_key_check`,
  },
  {
    check: 'orphans',
    says: (count, example) => `${String(count)} open symptoms have no event (first ${example})`,
    hint: 'harmless: they are passed over',
    sql: `SELECT file_id || ':' || byte_start AS name FROM open_symptoms o
          WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.file_id = o.file_id AND e.byte_start = o.byte_start)`,
  },
  {
    check: 'checkpoints',
    says: (count, example) => `${String(count)} checkpoints contradict themselves (first ${example})`,
    hint: REREAD,
    sql: `SELECT path AS name FROM files
          WHERE "offset" < 0 OR generation < 0 OR marker_bytes > "offset" OR head_bytes > 1024 OR marker_bytes > 256
             OR (head_bytes > 0 AND head_hash = '') OR (marker_bytes > 0 AND marker_hash = '') OR lines_before > "offset"`,
  },
  {
    check: 'checkpoints',
    says: (count, example) =>
      `${String(count)} files hold events of a kind that their log cannot hold (first ${example})`,
    hint: 'check that each source in the configuration names the logs of its kind',
    sql: `SELECT DISTINCT f.path AS name FROM files f JOIN events e ON e.file_id = f.id
          WHERE (f.kind = 'denokv' AND e.kind LIKE 'postgres%') OR (f.kind = 'postgres' AND e.kind LIKE 'denokv%')`,
  },
];

/**
 * Looks through a whole index, beside the daemon if need be, and changes nothing.
 * @returns nothing when all is well
 * @throws WhydError `index.*` when the file cannot be opened as an index at all
 */
export function checkIndex(path: string): readonly IndexFinding[] {
  if (!admitFile(path)) throw REFUSALS.missing(path);
  return withRefusals(path, () => {
    const database = new Sqlite(path, { readonly: true, timeout: 5000 });
    try {
      const damage = damageOf(database);
      // What a damaged file says of its rows is worth nothing.
      if (damage.length > 0) return damage;
      return [...SANITY.flatMap((sanity) => findingOf(database, sanity)), ...beyondTheirFiles(database)];
    } finally {
      database.close();
    }
  });
}

function damageOf(database: Database): readonly IndexFinding[] {
  return problemsOf(database).map((says) => ({ check: 'integrity', says, hint: RESTORE }));
}

function problemsOf(database: Database): readonly string[] {
  try {
    const rows = database.pragma(`integrity_check(${String(MAX_PROBLEMS)})`) as { integrity_check: string }[];
    return rows.map((row) => row.integrity_check).filter((says) => says !== 'ok');
  } catch (error) {
    // Damage of some kinds ends the check itself.
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CORRUPT')) return [error.message];
    throw error;
  }
}

function findingOf(database: Database, { check, says, hint, sql }: Sanity): readonly IndexFinding[] {
  const rows = database.prepare<[], Row>(sql).all();
  const [first] = rows;
  return first === undefined ? [] : [{ check, says: says(rows.length, first.name), hint }];
}

interface Position {
  readonly path: string;
  readonly ino: string;
  readonly birthtime_ns: string;
  readonly offset: number;
}

/** Places in files of this host that have become shorter. What lies elsewhere (a journal, an archive's content, another host's log) is not looked at. */
function beyondTheirFiles(database: Database): readonly IndexFinding[] {
  const positions = database
    .prepare<[], Position>(
      `SELECT path, ino, birthtime_ns, "offset" FROM files f WHERE ended = 0 AND "offset" > 0 AND path NOT LIKE '%.gz'
       AND generation = (SELECT max(generation) FROM files g WHERE g.ino = f.ino AND g.birthtime_ns = f.birthtime_ns AND g.dev = f.dev)`,
    )
    .all()
    .filter(isBeyond);
  const [first] = positions;
  if (first === undefined) return [];
  const says = `${String(positions.length)} checkpoints lie beyond the end of their file (first ${first.path})`;
  return [{ check: 'checkpoints', says, hint: TRUNCATED }];
}

function isBeyond({ path, ino, birthtime_ns, offset }: Position): boolean {
  try {
    const stats = statSync(path, { bigint: true });
    return String(stats.ino) === ino && String(stats.birthtimeNs) === birthtime_ns && Number(stats.size) < offset;
  } catch {
    return false; // Not there, or not for this account to see: nothing is known against it.
  }
}
