import { messageOf, type ReadOnlyDatabase } from './connection.ts';
import {
  seen,
  type Blocked,
  type DatabaseFacts,
  type Limits,
  type RoleSetting,
  type Seen,
  type Server,
  type Session,
  type Setting,
} from './facts.ts';
import { readTables } from './read-tables.ts';
import { quoteName } from './sql.ts';
import { flag, list, number, numberOrNull, text, textOrNull } from './row.ts';

/** Who denokv is, as far as the configuration or its log tells. */
export interface KnownIdentity {
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
}

const SETTINGS: readonly string[] = [
  'data_directory_mode',
  'deadlock_timeout',
  'default_transaction_isolation',
  'default_transaction_read_only',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'lc_messages',
  'lock_timeout',
  'log_destination',
  'log_directory',
  'log_error_verbosity',
  'log_file_mode',
  'log_line_prefix',
  'log_lock_waits',
  'log_min_error_statement',
  'log_min_messages',
  'log_timezone',
  'logging_collector',
  'max_connections',
  'reserved_connections',
  'statement_timeout',
  'superuser_reserved_connections',
  'transaction_timeout',
];
const MAX_SESSIONS = 10_000;
const MAX_WAITERS = 200;

/** Asks the database for all that the checks need; what it refuses is noted as not seen. */
export async function gatherFacts(database: ReadOnlyDatabase, identity: KnownIdentity): Promise<DatabaseFacts> {
  const server = await readServer(database);
  const settings = await attempt(() => readSettings(database));
  const sessions = await attempt(() => readSessions(database));
  const role = identity.user ?? roleBehind(sessions, identity.application);
  const denokv = { role, database: identity.database ?? server.database, application: identity.application };
  const tables = await attempt(() => readTables(database, role));
  return {
    server,
    denokv,
    settings,
    sessions,
    tables,
    roleSettings: await attempt(() => readRoleSettings(database)),
    blocked: await attempt(() => readBlocked(database)),
    limits: await attempt(() => readLimits(database, role, denokv.database)),
    versionRows: await attempt(() => countVersionRows(database, tables)),
  };
}

async function attempt<T>(read: () => Promise<T>): Promise<Seen<T>> {
  try {
    return seen(await read());
  } catch (error) {
    return { isSeen: false, reason: messageOf(error) };
  }
}

/** A session of denokv's application tells its role. */
function roleBehind(sessions: Seen<readonly Session[]>, application: string | null): string | null {
  if (!sessions.isSeen) return null;
  return sessions.value.find((one) => one.application === (application ?? 'denokv'))?.user ?? null;
}

async function readServer(database: ReadOnlyDatabase): Promise<Server> {
  const [row] = await database.query(`
    SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
           pg_is_in_recovery() AS in_recovery, current_user::text AS role, current_database()::text AS database,
           pg_has_role('pg_read_all_stats', 'USAGE') AS stats, pg_has_role('pg_read_all_settings', 'USAGE') AS settings,
           (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`);
  if (row === undefined) throw new Error('the server gave no answer');
  const isSuper = flag(row, 'super');
  return {
    versionNumber: number(row, 'number'),
    version: text(row, 'version'),
    inRecovery: flag(row, 'in_recovery'),
    role: text(row, 'role'),
    database: text(row, 'database'),
    seesAllSessions: isSuper || flag(row, 'stats'),
    readsAllSettings: isSuper || flag(row, 'settings'),
  };
}

/**
 * reset_val is what a new session gets: what the doctor's own connection has set does not show. Of modes it is the bare number (384 for 0600),
 * and nobody can set these for a session.
 */
async function readSettings(database: ReadOnlyDatabase): Promise<ReadonlyMap<string, Setting>> {
  const rows = await database.queryUnbounded(
    `SELECT name, CASE WHEN name LIKE '%\\_mode' THEN setting ELSE coalesce(reset_val, '') END AS value, source, context, pending_restart,
            sourcefile || ':' || sourceline AS place
     FROM pg_settings WHERE name = ANY($1)`,
    [SETTINGS],
  );
  return new Map(
    rows.map((row) => [
      text(row, 'name'),
      {
        name: text(row, 'name'),
        value: text(row, 'value'),
        source: text(row, 'source'),
        context: text(row, 'context'),
        place: textOrNull(row, 'place'),
        pendingRestart: flag(row, 'pending_restart'),
      },
    ]),
  );
}

async function readRoleSettings(database: ReadOnlyDatabase): Promise<readonly RoleSetting[]> {
  const rows = await database.query(`
    SELECT coalesce(r.rolname, '')::text AS role, coalesce(d.datname, '')::text AS database, one
    FROM pg_db_role_setting s
    LEFT JOIN pg_roles r ON r.oid = s.setrole
    LEFT JOIN pg_database d ON d.oid = s.setdatabase
    CROSS JOIN unnest(s.setconfig) AS one`);
  return rows.map((row) => {
    const one = text(row, 'one');
    const at = one.indexOf('=');
    return {
      role: text(row, 'role'),
      database: text(row, 'database'),
      name: one.slice(0, at),
      value: one.slice(at + 1),
    };
  });
}

/** Where a session is another role's and this one may not see it, all but the pid, the names and the application is null. */
async function readSessions(database: ReadOnlyDatabase): Promise<readonly Session[]> {
  const rows = await database.query(
    `SELECT pid, usename::text AS role, datname::text AS database, application_name AS application, state,
            extract(epoch FROM clock_timestamp() - xact_start)::float8 * 1000 AS transaction_ms,
            extract(epoch FROM clock_timestamp() - state_change)::float8 * 1000 AS state_ms
     FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND usename IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
     LIMIT $1`,
    [MAX_SESSIONS],
  );
  return rows.map((row) => ({
    pid: number(row, 'pid'),
    user: textOrNull(row, 'role'),
    database: textOrNull(row, 'database'),
    application: textOrNull(row, 'application'),
    state: textOrNull(row, 'state'),
    transactionMs: numberOrNull(row, 'transaction_ms'),
    stateMs: numberOrNull(row, 'state_ms'),
  }));
}

/** pg_locks shows who waits to every role; asking for the holders takes a lock of the lock manager, so only for these. */
async function readBlocked(database: ReadOnlyDatabase): Promise<readonly Blocked[]> {
  const rows = await database.query(
    `SELECT pid, pg_blocking_pids(pid) AS blockers
     FROM (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid IS NOT NULL LIMIT $1) AS waiting`,
    [MAX_WAITERS],
  );
  return rows
    .map((row) => ({ pid: number(row, 'pid'), by: list(row, 'blockers').map(Number) }))
    .filter(({ by }) => by.length > 0);
}

async function readLimits(database: ReadOnlyDatabase, role: string | null, name: string): Promise<Limits> {
  const [row] = await database.query(
    `SELECT (SELECT rolconnlimit FROM pg_roles WHERE rolname = $1) AS role,
            (SELECT datconnlimit FROM pg_database WHERE datname = $2) AS database`,
    [role, name],
  );
  const limit = (column: string): number | null => {
    const value = row === undefined ? null : numberOrNull(row, column);
    return value === null || value < 0 ? null : value;
  };
  return { role: limit('role'), database: limit('database') };
}

async function countVersionRows(database: ReadOnlyDatabase, tables: DatabaseFacts['tables']): Promise<number> {
  const table = tables.isSeen ? tables.value.find(({ name }) => name === 'data_version') : undefined;
  const name = `${quoteName(table?.schema ?? 'public')}.data_version`;
  const [row] = await database.query(`SELECT count(*)::int AS rows FROM ${name} WHERE k = 0`);
  return row === undefined ? 0 : number(row, 'rows');
}
